"""Redaction beside loomflow's: cost in percent of its; sizes and times as they are."""

from __future__ import annotations

import gc
import json
import os
import random
import secrets
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import loomflow.security.secrets as loom

from secretscope.redaction import KnownValues, Redactor
from tests.benchmarks.table import Row
from tests.redaction.test_engines import HOSTILE

ENGINES: tuple[Literal["pure", "fast"], ...] = ("pure", "fast")
WORDS = [
    "the",
    "a",
    "request",
    "for",
    "user",
    "failed",
    "with",
    "status",
    "while",
    "reading",
    "config",
    "from",
    "service",
    "queue",
    "retry",
    "after",
    "error",
    "timeout",
    "handler",
    "worker",
    "pool",
    "connection",
    "database",
    "cache",
    "model",
    "prompt",
    "answer",
    "usage",
    "completed",
    "started",
    "session",
    "order",
    "item",
    "value",
]
DICE = random.Random(1)


def prose(words: int) -> str:
    return " ".join(DICE.choice(WORDS) for _ in range(words))


def log_line() -> str:
    """A line of about 330 characters, as services log it."""
    return json.dumps(
        {
            "ts": f"2026-11-{DICE.randint(1, 28):02d}T10:{DICE.randint(10, 59)}:07.123Z",
            "level": DICE.choice(["info", "warning", "error"]),
            "logger": f"app.{DICE.choice(WORDS)}",
            "msg": prose(9),
            "trace_id": f"{DICE.getrandbits(128):032x}",
            "span_id": f"{DICE.getrandbits(64):016x}",
            "request_id": str(DICE.randint(1, 10**9)),
            "duration_ms": DICE.random() * 1000,
            "path": f"/v1/{DICE.choice(WORDS)}/{DICE.choice(WORDS)}",
            "tenant": DICE.choice(WORDS),
        }
    )


LINES = [log_line() for _ in range(1000)]
SHORT = [prose(DICE.randint(12, 40)) for _ in range(1500)]
CHAT = [prose(650) for _ in range(60)]
ONE = [" ".join(log_line() for _ in range(3100))[:1_000_000]]

WORK: tuple[tuple[str, list[str], int, float, float], ...] = (
    ("log lines, 0 values", LINES, 0, 6, 35),
    ("short strings, 0 values", SHORT, 0, 5, 22),
    ("chat of 4 KB, 0 values", CHAT, 0, 4, 40),
    ("one string of 1 MB, 0 values", ONE, 0, 3, 100),
    ("log lines, 10 values", LINES, 10, 3, 30),
    ("short strings, 1,000 values", SHORT, 1_000, 2, 14),
    ("log lines, 100,000 values", LINES, 100_000, 1.7, 8),
)
"""The texts, the known values, and how many times loomflow's throughput is asked."""


def cost(redact: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return the best time of five for all of the texts, in seconds."""

    def once() -> float:
        began = time.perf_counter()
        for text in texts:
            redact(text)
        return time.perf_counter() - began

    return min(once() for _ in range(5))


def known(count: int) -> KnownValues:
    values = KnownValues(most=10 * (count + 1))
    for number in range(count):
        values.add(f"sk-val-{secrets.token_urlsafe(24)}", ref=f"KEY_{number % 100}")
    return values


def rows() -> Iterator[Row]:
    peer = loom.EnvSecrets().redact
    for name, texts, count, pure, fast in WORK:
        values = known(count)
        for engine, times in zip(ENGINES, (pure, fast), strict=True):
            redactor = Redactor(known=values, engine=engine)
            redactor.settle()
            redactor.redact("once")
            percent = 100 * cost(redactor.redact, texts) / cost(peer, texts)
            yield f"{name}: {engine}, % of loomflow's cost", percent, 100 / times
    yield from _construction()
    yield from _growth()
    yield from _hostile()


def _construction() -> Iterator[Row]:
    for engine, limit in zip(ENGINES, (50, 300), strict=True):
        began = time.perf_counter()
        Redactor(engine=engine)
        yield f"construction: {engine}, ms", 1e3 * (time.perf_counter() - began), limit


def _growth() -> Iterator[Row]:
    count = 100_000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    values = known(count)
    redactor = Redactor(known=values, engine="pure")
    redactor.redact("once")
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    yield "one of 100,000 values: pure, KB", size / count / 1024, 1.2
    began = time.perf_counter()
    for number in range(1000):
        values.add(f"sk-new-{number}-{secrets.token_urlsafe(16)}", ref="NEW")
        redactor.redact("once")
    yield "one value more, ms", time.perf_counter() - began, 1
    before = resident()
    values = known(count)
    redactor = Redactor(known=values, engine="fast")
    redactor.settle()
    redactor.redact(f"once {next(iter(values.values()))}")
    yield "one of 100,000 values: fast, KB", (resident() - before) / count / 1024, 3


def resident() -> int:
    """Return how much memory the process holds, in bytes: hyperscan's is not Python's."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _hostile() -> Iterator[Row]:
    for engine in ENGINES:
        redactor = Redactor(engine=engine)
        worst = 0.0
        for seed in HOSTILE:
            per_byte = []
            for size in (10_000, 1_000_000):
                text = (seed * (size // len(seed) + 1))[:size]
                per_byte.append(cost(redactor.redact, [text]) / size)
            worst = max(worst, per_byte[1] / max(per_byte[0], 1e-8))
        yield f"hostile: {engine}, time a byte at 1 MB / at 10 KB", worst, 1.5
