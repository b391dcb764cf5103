"""A map of readings as a picture: Mermaid's text, and SVG without any library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from attrs import frozen

from secretscope.providers import Reading

_LINE, _TOP, _BOX, _GAP = 34, 64, 24, 96
_LETTER = 7.3
"""Pixels that a letter of 12 px monospace is wide, at most."""


@frozen
class _Columns:
    """Who reads, what is read, and where it is kept; and the arrows between them."""

    who: list[str]
    what: list[str]
    where: list[str]
    reads: list[tuple[int, int, bool]]
    kept: list[tuple[int, int]]


def _columns(found: Sequence[Reading]) -> _Columns:
    who = _once(reading.needed_by for reading in found)
    what = _once(reading.ref for reading in found)
    where = _once(_store(reading) for reading in found)
    return _Columns(
        who,
        what,
        where,
        list(
            dict.fromkeys(
                (who.index(r.needed_by), what.index(r.ref), r.required) for r in found
            )
        ),
        list(dict.fromkeys((what.index(r.ref), where.index(_store(r))) for r in found)),
    )


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _store(reading: Reading) -> str:
    if reading.store is None:
        return "the environment"
    own = reading.tenants is not None and reading.location is None
    return f"{reading.store}, each tenant's" if own else reading.store


def mermaid(found: Sequence[Reading]) -> str:
    """Return a Mermaid flowchart; a dotted arrow is an optional need."""
    columns = _columns(found)
    lines = ["flowchart LR"]
    for letter, names, (left, right) in (
        ("w", columns.who, ("[", "]")),
        ("r", columns.what, ("([", "])")),
        ("s", columns.where, ("[(", ")]")),
    ):
        lines += [
            f'  {letter}{number}{left}"{_quoted(name)}"{right}'
            for number, name in enumerate(names)
        ]
    lines += [
        f"  w{who} {'-->' if required else '-.->'} r{what}"
        for who, what, required in columns.reads
    ]
    lines += [f"  r{what} --> s{where}" for what, where in columns.kept]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")


_STYLE = (
    "svg{color-scheme:light dark}"
    "text{font:12px ui-monospace,monospace;fill:#1c2430}"
    ".head{font-weight:bold;fill:#5b6675}"
    "rect{fill:#f4f6f9;stroke:#9aa7b8}"
    "path{fill:none;stroke:#7a8799}"
    ".optional{stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e8ecf2}.head{fill:#9aa7b8}"
    "rect{fill:#222a35;stroke:#5b6675}}"
)


def svg(found: Sequence[Reading]) -> str:
    """Return a drawing in three columns; a dashed line is an optional need."""
    columns = _columns(found)
    names = (columns.who, columns.what, columns.where)
    heads = ("who reads", "what", "from where")
    widths = [
        max(len(name) for name in (*column, head)) * _LETTER + 24
        for column, head in zip(names, heads, strict=True)
    ]
    lefts = [16.0, 16 + widths[0] + _GAP, 16 + widths[0] + widths[1] + 2 * _GAP]
    width = lefts[2] + widths[2] + 16
    height = _TOP + _LINE * max(map(len, names), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" role="img">',
        "<title>Who reads which secret from where</title>",
        f"<style>{_STYLE}</style>",
    ]
    for who, what, required in columns.reads:
        kind = "" if required else ' class="optional"'
        parts.append(_line(lefts[0] + widths[0], who, lefts[1], what, kind))
    for what, where in columns.kept:
        parts.append(_line(lefts[1] + widths[1], what, lefts[2], where, ""))
    for column, head, left, wide in zip(names, heads, lefts, widths, strict=True):
        parts.append(f'<text class="head" x="{left:.0f}" y="32">{head}</text>')
        parts += [_box(left, wide, row, name) for row, name in enumerate(column)]
    return "\n".join([*parts, "</svg>"])


def _middle(row: int) -> float:
    return _TOP + _LINE * row + _BOX / 2 - 12


def _line(start: float, row: int, end: float, target: int, kind: str) -> str:
    y, to, bend = _middle(row), _middle(target), (start + end) / 2
    curve = f"M{start:.0f} {y} C{bend:.0f} {y} {bend:.0f} {to} {end:.0f} {to}"
    return f'<path d="{curve}"{kind}/>'


def _box(left: float, wide: float, row: int, name: str) -> str:
    y = _middle(row)
    return (
        f'<rect x="{left:.0f}" y="{y - _BOX / 2}" width="{wide:.0f}" '
        f'height="{_BOX}" rx="5"/>'
        f'<text x="{left + 12:.0f}" y="{y + 4}">{escape(name)}</text>'
    )
