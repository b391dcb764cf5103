"""Putting something in an attribute's place for a block."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def swapped(owner: object, name: str, stand_in: object) -> Generator[None]:
    """Put a stand-in in the place of an attribute, and put the attribute back."""
    there = vars(owner)[name]
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, there)
