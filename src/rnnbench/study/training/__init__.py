"""Training, in NumPy and in Keras, and what a run leaves behind."""
