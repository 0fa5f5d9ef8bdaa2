"""Figures, from tables alone. Each function draws one and returns it; `style.save` writes it as SVG."""

STUDY = "_study"
"""In the place of a task, for figures of no single one. No task can have this name."""
