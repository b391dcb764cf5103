"""Sphinx's settings."""

project = "secretscope"
copyright = "2026, the secretscope authors"
extensions = ["myst_parser", "sphinx_copybutton"]
html_theme = "furo"
myst_heading_anchors = 3
exclude_patterns = ["_build"]
