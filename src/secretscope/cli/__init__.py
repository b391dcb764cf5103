"""The command line."""

from secretscope.cli._main import main

__all__ = ["main"]
