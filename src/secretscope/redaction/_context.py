"""Shapes that are known by what stands around them, rather than by how they begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from secretscope.redaction._shape import Span


@frozen(eq=False)
class Context:
    """A credential that its surroundings give away: a name, a scheme, a header.

    Args:
        name: the label of what was masked.
        documented: where the surroundings are defined.
        find: yields what is secret, given the text and where a pivot stands.
        gates: by pivot, one rare character, an expression that must match from the
            pivot on; it looks at a few characters only and consumes none.
        sieve: expressions for the fast engine that match wherever this may, pivot
            included, within `width` characters.
        width: see `sieve`.
        bracketed: whether a begin and an end of its own say what is secret, so that a
            marker may stand within.
    """

    name: str
    documented: str
    find: Callable[[str, int], Iterator[Span]]
    gates: dict[str, str]
    sieve: tuple[str, ...]
    width: int
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    opt_in: bool = False
    bracketed: bool = False

    def sieves(self) -> tuple[str, ...]:
        """Return the expressions for the fast engine."""
        return self.sieve

    def sieve_width(self) -> int:
        """Return the most characters that one of them can match."""
        return self.width
