"""The exact gradient by other libraries, a file each under the name of its package. They are trained and timed, not tried."""
