"""The kinds of options: what a value may be, said once and checked the same everywhere.

A check takes the value, its path for errors, and the faults to add to. An option that
is None counts as not set: YAML's ``name:`` without a value is that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from secretscope.errors import nearest
from secretscope.providers.settings._faults import Faults

Check = Callable[[Any, str, Faults], None]
"""Checks one option's value."""

Options = Mapping[str, Check]
"""The options that there are, each with its check."""


def a(kind: type | tuple[type, ...], expected: str) -> Check:
    """Return a check of the value's type; `bool` counts as nothing but itself."""

    def check(value: Any, path: str, faults: Faults) -> None:
        odd = isinstance(value, bool) and kind is not bool
        if odd or not isinstance(value, kind):
            faults.mistyped(value, path, expected)

    return check


text = a(str, "a text")
flag = a(bool, "true or false")
a_path = a((str, os.PathLike), "a path")
_number = a((int, float), "a number")
_whole = a(int, "a whole number")


def anything(value: object, path: str, faults: Faults) -> None:
    """Accept whatever it is: the store itself will say."""


def number(
    *, least: float = 0, above: bool = False, most: float | None = None
) -> Check:
    """Return a check of a number: of seconds, mostly.

    Args:
        least: the least that it may be.
        above: whether it must be more than that.
        most: the most that it may be.
    """
    return _bounded(_number, least, above=above, most=most)


def whole(*, least: int = 0, most: int | None = None) -> Check:
    """Return a check of a whole number."""
    return _bounded(_whole, least, above=False, most=most)


def _bounded(kind: Check, least: float, *, above: bool, most: float | None) -> Check:
    def check(value: Any, path: str, faults: Faults) -> None:
        before = len(faults.found)
        kind(value, path, faults)
        if len(faults.found) > before:
            return
        if value < 0 == least:
            faults.add(path, "can't be negative")
        elif value < least or (above and value == least):
            faults.add(path, f"must be {'above' if above else 'at least'} {least:g}")
        elif most is not None and value > most:
            faults.add(path, f"must be at most {most:g}")

    return check


def one_of(*names: str) -> Check:
    """Return a check that the value is one of a few words."""

    def check(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.mistyped(value, path, f"one of {', '.join(names)}")
        elif value not in names:
            faults.add(
                path,
                f"{value!r} is none of {', '.join(names)}{nearest(value, names)}",
            )

    return check


def listed(check: Check, expected: str) -> Check:
    """Return a check of a list, each item with its own check."""

    def checked(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, list | tuple | set | frozenset):
            faults.mistyped(value, path, expected)
            return
        for place, item in enumerate(value):
            check(item, f"{path}[{place}]", faults)

    return checked


def each(check: Check, expected: str = "a mapping") -> Check:
    """Return a check of a mapping with any names, each value with the same check."""

    def checked(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, Mapping):
            faults.mistyped(value, path, expected)
            return
        for name, item in value.items():
            check(item, f"{path}.{name}", faults)

    return checked


def options(known: Options, **required: str) -> Check:
    """Return a check of a mapping with these options and no others.

    Args:
        known: each option's check.
        required: what each option is for that must be set, to say so where it is not.
    """

    def check(value: Any, path: str, faults: Faults) -> None:
        if not isinstance(value, Mapping):
            faults.mistyped(value, path, "a mapping of options")
            return
        for name, item in value.items():
            if name not in known:
                faults.add(
                    f"{path}.{name}", f"unknown option{nearest(str(name), known)}"
                )
            elif item is not None:
                known[name](item, f"{path}.{name}", faults)
        for name, purpose in required.items():
            if value.get(name) is None:
                faults.add(f"{path}.{name}", f"is not set; it {purpose}")

    return check
