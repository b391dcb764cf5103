"""``python -m tests.fuzz SECONDS [SEED]``: random texts, for as long as one likes.

Each text must come out the same from both engines, twice as once, and split anywhere
as whole; no known value may be left in it, however it was written; and nothing but
what was masked may be missing.
"""

from __future__ import annotations

import random
import sys
import time

from secretscope.redaction import CATALOGUE, KnownValues, Redactor, Shape
from tests.redaction.grammar import drawn
from tests.redaction.test_assignments import ALIKE, MASKED
from tests.redaction.test_known_encodings import writings

VALUES = (
    "known-value-000001",
    "other value, with 2 spaces",
    "s3cr3t+v@lue/with=all&sorts",
    'a "quoted" välue 01',
)
JOINTS = (
    *" \n\t\"'`=:;,&?@/\\-_.%+~<>()[]{}|",
    "\\n",
    "%22",
    "é",
    "😀",
    "\0",
    "\ud800",
)
WORDS = ("the", "key", "token", "password", "is", "eyJ", "sk-", "AKIA", "-----BEGIN")


class Texts:
    """Draws texts of secrets, of what looks alike, and of what stands between."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._shapes = [
            shape
            for shape in CATALOGUE
            if isinstance(shape, Shape) and not shape.opt_in and shape.name != "basic"
        ]
        self._said = [
            *MASKED,
            *ALIKE,
            *(
                text
                for one in CATALOGUE
                for text in one.examples + one.counter_examples
            ),
        ]

    def draw(self) -> str:
        """Return one text of up to twelve pieces."""
        dice = self._dice
        pieces: list[str] = []
        for _ in range(dice.randint(1, 12)):
            pieces += (self._piece(), dice.choice(("", "", " ", dice.choice(JOINTS))))
        return self._hurt("".join(pieces))

    def _piece(self) -> str:
        dice = self._dice
        draws = (
            lambda: drawn(dice.choice(self._shapes), dice),
            lambda: dice.choice(self._said),
            lambda: dice.choice(
                writings(dice.choice(VALUES), "x" * dice.randint(0, 3))
            ),
            lambda: dice.choice(WORDS),
            lambda: dice.choice(JOINTS) * dice.randint(1, 3),
            lambda: dice.randbytes(dice.randint(1, 40)).hex(),
            lambda: "".join(
                chr(dice.randint(32, 600)) for _ in range(dice.randint(1, 12))
            ),
            lambda: f"{dice.choice(('', '[REDACTED]', '[REDACTED:jwt]'))}",
            lambda: dice.choice("aA0_-=/+.") * dice.choice((1, 20, 90, 300)),
        )
        return dice.choice(draws)()

    def _hurt(self, text: str) -> str:
        """Cut, double or change a little of it, now and then."""
        dice = self._dice
        if not text or dice.random() < 0.5:
            return text
        at = dice.randrange(len(text))
        till = min(len(text), at + dice.randint(0, 20))
        middle = dice.choice(
            ("", text[at:till] * 2, dice.choice(JOINTS), text[at:till][::-1])
        )
        return text[:at] + middle + text[till:]


def split(text: str, redactor: Redactor, dice: random.Random) -> str:
    """Return what comes of it in pieces."""
    stream, at, said = redactor.stream(), 0, []
    while at < len(text):
        step = dice.choice((1, 1, 2, 7, 50, 1000))
        said.append(stream.feed(text[at : at + step]))
        at += step
    return "".join([*said, stream.close()])


def fault(text: str, pure: Redactor, fast: Redactor, dice: random.Random) -> str | None:
    """Return what is wrong with how the text is masked."""
    masked = pure.redact(text, label=True)
    if fast.redact(text, label=True) != masked:
        return "the engines differ"
    once = pure.redact(text)
    if pure.redact(once) != once or pure.redact(masked, label=True) != masked:
        return "twice is not once"
    if any(value in once for value in VALUES):
        return "a known value slips through"
    if any(split(text, redactor, dice) != once for redactor in (pure, fast)):
        return "split is not whole"
    at = 0
    for part in once.split("[REDACTED]"):
        at = text.find(part, at)
        if at < 0:
            return "more than a secret is gone"
        at += len(part)
    return None


def main(seconds: float, seed: int) -> int:
    """Run, and say how many texts there were; 1 when something is wrong."""
    dice = random.Random(seed)
    known = KnownValues()
    for value in VALUES:
        known.add(value, ref="KEY")
    pure, fast = (Redactor(engine=e, known=known) for e in ("pure", "fast"))
    fast.settle()
    texts, count, size, wrong = Texts(dice), 0, 0, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = texts.draw()
        count, size = count + 1, size + len(text)
        what = fault(text, pure, fast, dice)
        if what is not None:
            wrong += 1
            print(f"{what}: {text!r}", flush=True)
            if wrong > 20:
                break
    print(f"{count} texts, {size / 1e6:.1f} MB, {seconds:.0f} s, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [*sys.argv[1:], "60", "1"][:2] if len(sys.argv) < 3 else sys.argv[1:3]
    sys.exit(main(float(given[0]), int(given[1])))
