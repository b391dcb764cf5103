"""pytest, which only tests need."""

from __future__ import annotations

from secretscope.errors import MissingExtraError

try:
    import pytest
except ModuleNotFoundError as absent:
    if absent.name != "pytest":
        raise
    missing = True
else:
    missing = False
if missing:
    raise MissingExtraError("secretscope.testing", extra="testing")

__all__ = ["pytest"]
