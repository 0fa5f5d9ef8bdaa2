"""Gradients on trial: against independent oracles, and along the runs."""
