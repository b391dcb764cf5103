"""The command line: ``secretscope``, and ``python -m secretscope``."""

from secretscope.cli._main import main

__all__ = ["main"]
