"""Figures, from tables alone. Each function draws one and returns it; `style.save` writes it as SVG."""
