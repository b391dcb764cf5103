"""Made-up credentials, drawn from the expression that documents a format."""

import random
import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import string
from typing import Any

from secretscope.redaction import Shape

_LETTERS = string.ascii_letters + string.digits
_MOST = 12
"""How much longer than the least an open end is drawn."""


def drawn(shape: Shape, dice: random.Random) -> str:
    """Draw one credential of the shape, digits and capitals mixed."""
    anchor = dice.choice(shape.anchors) if shape.anchors else ""
    parts = (shape.lead, re_escaped(anchor), f"(?:{shape.body})")
    for _ in range(200):
        text = "".join(_sample(parser.parse(part), dice) for part in parts)
        if shape.expression.fullmatch(text) and (
            shape.check is None or any(True for _ in shape.spans(text))
        ):
            return text
    raise AssertionError(f"no {shape.name} could be drawn")


def re_escaped(text: str) -> str:
    return "".join(c if c.isalnum() else f"\\x{ord(c):02x}" for c in text)


def _sample(tree: Any, dice: random.Random) -> str:
    return "".join(_one(kind, what, dice) for kind, what in tree)


def _one(kind: Any, what: Any, dice: random.Random) -> str:
    if kind is kinds.LITERAL:
        return chr(what)
    if kind is kinds.IN:
        return _from_class(what, dice)
    if kind in {kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT}:
        low, high, inner = what
        most = min(low + _MOST, 10_000 if high is kinds.MAXREPEAT else high)
        return "".join(_sample(inner, dice) for _ in range(dice.randint(low, most)))
    inside = {
        kinds.SUBPATTERN: lambda: what[3],
        kinds.BRANCH: lambda: dice.choice(what[1]),
        kinds.ATOMIC_GROUP: lambda: what,
    }
    if kind in inside:
        return _sample(inside[kind](), dice)
    assert kind in {kinds.ASSERT, kinds.ASSERT_NOT, kinds.AT}, kind
    return ""


def _from_class(items: Any, dice: random.Random) -> str:
    choices: list[str] = []
    for kind, what in items:
        if kind is kinds.RANGE:
            choices += map(chr, range(what[0], what[1] + 1))
        elif kind is kinds.LITERAL:
            choices.append(chr(what))
    return dice.choice([c for c in choices if c in _LETTERS] or choices)
