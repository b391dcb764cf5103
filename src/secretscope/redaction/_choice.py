"""Which shapes a redactor looks for: the catalogue, and what its user changed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from secretscope.errors import ConfigurationError
from secretscope.redaction._pure import Kind
from secretscope.redaction._shape import Shape
from secretscope.redaction.catalogue import CATALOGUE


def chosen(
    add: Iterable[Kind], drop: Iterable[str], opt_in: Iterable[str]
) -> tuple[Kind, ...]:
    """Return the shapes to look for, those of the user first.

    Raises:
        ConfigurationError: A name that no shape has, or a shape that cannot work.
    """
    added = tuple(add)
    for shape in added:
        if isinstance(shape, Shape):
            shape.validated()
    names = {shape.name for shape in CATALOGUE} | {shape.name for shape in added}
    dropped, wanted = _known(drop, names), _known(opt_in, names)
    replaced = {shape.name for shape in added} | dropped
    ours = (
        shape
        for shape in CATALOGUE
        if shape.name not in replaced and (not shape.opt_in or shape.name in wanted)
    )
    return (*(shape for shape in added if shape.name not in dropped), *ours)


def _known(asked: Iterable[str], names: set[str]) -> set[str]:
    if isinstance(asked, str):
        raise ConfigurationError(
            f"a list of shapes, not the text {asked!r}: put it in [ ]"
        )
    if not isinstance(asked, Iterable):
        raise ConfigurationError(f"a list of shapes' names, not {asked!r}")
    found = set(asked)
    for name in sorted(map(str, found - names)):
        near = get_close_matches(name, names, 1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(f"no shape is called {name!r}{hint}")
    return found
