"""What the terminal shows: headings, steps and progress; colours only on a terminal."""

from __future__ import annotations


class Paint:
    """Prints lines that a person enjoys reading.

    Args:
        colours: whether the output is a terminal.
    """

    def __init__(self, colours: bool) -> None:  # noqa: FBT001 - the only thing it is told
        self._colours = colours

    def heading(self, text: str) -> None:
        """Print a heading."""
        print(f"\n{self._in('1', text)}\n{'─' * len(text)}")

    def step(self, text: str) -> None:
        """Print what is done next."""
        print(f"\n{self._in('36', '▸')} {text}")

    def line(self, name: str, text: str) -> None:
        """Print one finding, its name in a column of its own."""
        print(f"    {name:<18} {text}")

    def good(self, text: str) -> None:
        """Print that something is as it should be."""
        print(f"    {self._in('32', '✓')} {text}")

    def refused(self, text: str) -> None:
        """Print that something was refused, as it should be."""
        print(f"    {self._in('33', '✗')} {text}")

    def progress(self, done: int, total: int, ref: str) -> None:
        """Print how far a warm-up is."""
        bar = "█" * round(20 * done / total)
        print(f"    {bar:<20} {done}/{total}  {ref}")

    def _in(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text
