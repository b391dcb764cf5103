"""A shape: what one kind of credential looks like, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from attrs import define, field, validators

from secretscope.errors import ConfigurationError
from secretscope.redaction._marker import behind_marker

Span = tuple[int, int]

_LAST_CLASS = re.compile(r"\[([^\]]+)\][^\[\]]*$")
_FIRST_RUN = re.compile(r"(?:\(\?=[^)]*\))?(\[[^\]]+\])\{(\d+)")
_LONGEST_SIEVE = 12
"""Repeats in a sieve: longer ones make hyperscan slow on repeated prefixes."""
_NAME = r"[a-z0-9][a-z0-9-]*"
AFTER_ESCAPE = r"(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=[\[0-9]m)"
"""A credential may follow an escape that ends in a letter: ``\\n``, ``%3D``, ESC[31m."""
_EMPHASIS = r"(?<=_)(?<![A-Za-z0-9_\]-]_)"
_EMPHASIZED = r"(?=_(?![A-Za-z0-9_\[-]))"
"""Or stand between the underscores of Markdown."""


def _tuple(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@define(frozen=True, slots=False, eq=False)
class Shape:
    """What one kind of credential looks like.

    The credential is ``lead + anchor + body``. A group named ``secret`` in the body
    is what is masked; without one, all of it is. The character classes that `left`
    and `right` name may not stand beside it.

    Args:
        name: lower case, with hyphens; the label of what was masked.
        anchors: literal texts, one of which is in every such credential.
        body: a regular expression for what follows the anchor; it must match in
            time linear in its length.
        documented: where the maker documents the format.
        lead: a regular expression of fixed width for what stands before the anchor.
        lead_width: its width, in characters.
        left: the characters that may not stand before; derived from the body
            unless it is given.
        right: the characters that may not follow; derived alike.
        sieve: expressions for the fast engine, where those that `sieves` derives are
            too short to be quick; each matches wherever this may, anchor included.
        width: the most characters that one of these can match.
        opt_in: off unless it is asked for, since it has no anchor worth the name.
        check: has the last word on what the expression matched.
        examples: made-up credentials of this shape, for shapes that need a context.
        counter_examples: texts that look alike and are none.

    Raises:
        ConfigurationError: A name, an anchor or an expression that cannot work.
    """

    name: str = field(validator=validators.matches_re(_NAME))
    anchors: tuple[str, ...] = field(converter=_tuple)
    body: str
    documented: str = ""
    lead: str = ""
    lead_width: int = 0
    left: str | None = None
    right: str | None = None
    sieve: tuple[str, ...] = ()
    width: int = 0
    opt_in: bool = False
    check: Callable[[str], bool] | None = None
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not all(self.anchors):
            raise ConfigurationError(f"shape {self.name}: an anchor is empty")

    def validated(self) -> Shape:
        """Compile it now, so that a fault shows here and not at the first text.

        Raises:
            ConfigurationError: The expression is none.
        """
        try:
            re.compile(self.body)
            re.compile(self.lead)
            _ = self.expression
        except re.error as fault:
            reason = str(fault)
        else:
            return self
        raise ConfigurationError(f"shape {self.name}: {reason}")

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The whole of it as one expression, boundaries included."""
        beside = self._beside()
        left = beside if self.left is None else self.left
        right = beside if self.right is None else self.right
        before = f"(?:(?<![{left}])|{AFTER_ESCAPE}|{_EMPHASIS})" if left else ""
        after = f"(?:(?![{right}])|{_EMPHASIZED})" if right else ""
        anchor = "|".join(map(re.escape, self.anchors))
        return re.compile(f"{before}{self.lead}(?:{anchor})(?:{self.body}){after}")

    def _beside(self) -> str:
        last = _LAST_CLASS.search(self.body)
        wide = last is not None and last.group(1).endswith("_-")
        return "A-Za-z0-9_-" if wide else "A-Za-z0-9"

    def sieves(self) -> tuple[str, ...]:
        """Return expressions that match wherever this may, for a fast first pass.

        They are short and of bounded width, have no boundaries and no look-around.
        """
        if self.sieve:
            return self.sieve
        run = _FIRST_RUN.match(self.body)
        more = ""
        if run is not None:
            more = f"{run.group(1)}{{{min(int(run.group(2)), _LONGEST_SIEVE)}}}"
        return tuple(_literal(anchor) + more for anchor in self.anchors)

    def opening(self) -> str:
        """Return an expression for the first few characters of the body, if it can."""
        run = _FIRST_RUN.match(self.body)
        return f"{run.group(1)}{{{min(int(run.group(2)), 6)}}}" if run else ""

    def sieve_width(self) -> int:
        """Return the most characters that one of the sieves can match."""
        return self.width or max(map(len, self.anchors), default=0) + _LONGEST_SIEVE

    def spans_at(self, text: str, at: int) -> Iterator[Span]:
        """Yield what is secret, if an anchor that begins at `at` belongs to one."""
        found = self.expression.match(text, at - self.lead_width)
        if found is not None and at >= self.lead_width:
            yield from self._secret(found)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield what is secret anywhere in the text; for a shape without anchors."""
        for found in self.expression.finditer(text):
            yield from self._secret(found)

    def _secret(self, found: re.Match[str]) -> Iterator[Span]:
        group = "secret" if "secret" in found.re.groupindex else 0
        if group and behind_marker(found.string, found.start()):
            return
        if self.check is None or self.check(found.group(group)):
            yield found.span(group)


def _literal(text: str) -> str:
    return "".join(
        character
        if character.isalnum() or character in "_ "
        else f"\\x{ord(character):02x}"
        for character in text
    )
