"""What stands in a secret's place, and how spans become text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

MARKER = "[REDACTED]"
KNOWN_VALUE = -1
"""The rank of a known value: before all shapes."""
OPENS = "[REDACTED"
"""How every marker begins, labelled or not."""
_BEFORE = re.compile(r"\[REDACTED(?::[a-z0-9-]{1,64})?\]\Z")
_WIDEST = 80


def beside_marker(text: str, start: int, end: int) -> bool:
    """Tell whether a marker touches the span, or lies within it.

    What was cut off by a marker would look whole the second time, so that masking
    twice would not be masking once.
    """
    if text.startswith(OPENS, end) or text.find(OPENS, start, end) >= 0:
        return True
    return behind_marker(text, start)


def since_marker(text: str, low: int, at: int) -> str:
    """Return the text from `low` to `at`, from the end of the last marker on.

    What a marker has hidden may have been anything; nothing is told across it.
    """
    marker = text.rfind(OPENS, max(0, low - _WIDEST), at)
    closed = text.find("]", marker, at) if marker >= 0 else low
    return text[max(low, closed) : at]


def behind_marker(text: str, at: int) -> bool:
    """Tell whether a marker ends at `at`."""
    if text[at - 1 : at] != "]":
        return False
    return _BEFORE.search(text[max(0, at - _WIDEST) : at]) is not None


_DIGEST = re.compile(r"sha(?:1|224|256|384|512)[=:-]\Z")


def in_digest(text: str, start: int) -> bool:
    """Tell whether a digest begins here, as in a lock file; its begin is chance."""
    return _DIGEST.search(text[max(0, start - 7) : start]) is not None


def union(found: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Join spans that overlap; the lowest rank names what they became."""
    joined: list[tuple[int, int, int]] = []
    for start, end, rank in sorted(found):
        if joined and start < joined[-1][1]:
            first, last, best = joined[-1]
            joined[-1] = (first, max(last, end), min(best, rank))
        else:
            joined.append((start, end, rank))
    return joined


def mask(
    text: str, found: Iterable[tuple[int, int, int]], label: Callable[[int], str] | None
) -> str:
    """Return the text with the spans masked; `label` names a rank, if it is wanted."""
    pieces: list[str] = []
    last = 0
    for start, end, rank in union(found):
        marker = MARKER if label is None else f"{OPENS}:{label(rank)}]"
        pieces += (text[last:start], marker)
        last = end
    pieces.append(text[last:])
    return "".join(pieces)


def ensure_text(text: object) -> None:
    """Refuse what is no text.

    Raises:
        TypeError: It is no str.
    """
    if not isinstance(text, str):
        message = f"redact() takes a str, not {type(text).__name__}: decode it first"
        raise TypeError(message)
