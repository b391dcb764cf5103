"""Values that cannot be masked wherever they appear: plain text would go with them."""

from __future__ import annotations

import math
import re
from collections import Counter

_SHORTEST = 8
_LONG = 16
_BITS = 14.0
"""Least bits of a value's letters, Shannon's entropy times its length."""
_WORD = re.compile(r"[A-Za-z]?[a-z]+|[A-Z]+")
_NUMBER = re.compile(r"[-+]?[0-9.,:/ -]{1,11}")
"""A number, a date, an address: up to eleven digits and signs."""
_MARK = "[REDACTED"


def too_common(value: str) -> bool:
    """Tell whether masking the value wherever it appears would eat plain text.

    So it is with what is shorter than 8 characters, has fewer than 14 bits of
    entropy, is a single word, or a number or date of up to eleven characters.
    """
    if len(value.encode("utf-8", "replace")) < _SHORTEST or len(value) < _SHORTEST:
        return True
    if value.isspace() or _MARK in value:
        return True
    if len(value) < _LONG and (_WORD.fullmatch(value) or _NUMBER.fullmatch(value)):
        return True
    size = len(value)
    counts = Counter(value).values()
    return -sum(n * math.log2(n / size) for n in counts) < _BITS
