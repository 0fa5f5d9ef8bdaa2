"""Names of what is measured, for those who only read the tables and need no TensorFlow."""

OURS, DEFAULT = "rnnbench", "Keras, default"

WINDOW = 7
IN_WINDOWS = f"rtrl, {WINDOW} steps at a time"
"""RTRL on windows one after the other, its carry handed on: nothing that it keeps grows with the sequence."""
