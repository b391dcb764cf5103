"""What the demo shows: headings, steps and findings, for people or as plain facts."""

from __future__ import annotations

from typing import Any


class Paint:
    """Prints lines that a person enjoys reading.

    Args:
        colours: whether the output is a terminal that wants them.
    """

    def __init__(self, colours: bool) -> None:  # noqa: FBT001 - the only thing it is told
        self._colours = colours

    def heading(self, loop: str, text: str) -> None:
        """Print what runs on which loop."""
        title = f"{text} on {loop}: three tenants, one process"
        print(f"\n{self._in('1', title)}\n{'─' * len(title)}")

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

    def note(self, text: str) -> None:
        """Print a remark."""
        print(f"\n({text})")

    def _in(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text


class Facts(Paint):
    """Keeps as plain facts what would be printed.

    Attributes:
        runs: what was shown on each loop.
        notes: remarks.
    """

    def __init__(self) -> None:
        super().__init__(colours=False)
        self.runs: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def heading(self, loop: str, text: str) -> None:
        """Begin a run."""
        self.runs.append({"loop": loop, "steps": []})

    def step(self, text: str) -> None:
        """Begin a step."""
        self.runs[-1]["steps"].append({"step": text, "shown": []})

    def line(self, name: str, text: str) -> None:
        """Keep one finding."""
        self._add(name=name, text=text)

    def good(self, text: str) -> None:
        """Keep that something is as it should be."""
        self._add(name="ok", text=text)

    def refused(self, text: str) -> None:
        """Keep that something was refused."""
        self._add(name="refused", text=text)

    def progress(self, done: int, total: int, ref: str) -> None:
        """Keep how far a warm-up is."""
        self._add(name="warm", text=f"{done}/{total} {ref}")

    def note(self, text: str) -> None:
        """Keep a remark."""
        self.notes.append(text)

    def _add(self, **fact: str) -> None:
        self.runs[-1]["steps"][-1]["shown"].append(fact)
