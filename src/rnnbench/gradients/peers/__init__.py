"""The exact gradient by other libraries, one file for each, named as its package. They are trained and timed, not tried."""
