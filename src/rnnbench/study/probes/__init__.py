"""Gradients and dynamics along runs, and NumPy beside Keras."""
