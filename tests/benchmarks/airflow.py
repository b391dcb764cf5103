"""Redaction beside the masker of Airflow, which is no dependency of anything here.

Run ``python -m tests.benchmarks.airflow`` where ``apache-airflow-task-sdk`` is
installed beside ``secretscope[fast]`` and the group ``tests``.
"""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Iterator

from secretscope.redaction import KnownValues, Redactor
from tests.benchmarks.redaction import LINES, SHORT, cost
from tests.benchmarks.table import Row, show

MASKER = "airflow.sdk._shared.secrets_masker.secrets_masker"
WORK = (
    ("log lines, 10 values", LINES[:200], 10, 3),
    ("short strings, 1,000 values", SHORT[:40], 1_000, 250),
)


def rows() -> Iterator[Row]:
    for name, texts, count, times in WORK:
        peer = importlib.import_module(MASKER).SecretsMasker()
        values = KnownValues()
        for number in range(count):
            value = secrets.token_urlsafe(24)
            peer.add_mask(value)
            values.add(value, ref=f"KEY_{number}")
            if not number and peer.redact(f"x {value}") != "x ***":
                raise AssertionError(MASKER)
        redactor = Redactor(known=values, engine="fast")
        redactor.settle()
        percent = 100 * cost(redactor.redact, texts) / cost(peer.redact, texts)
        yield f"{name}: fast, % of Airflow's cost", percent, 100 / times


if __name__ == "__main__":
    show("redaction beside Airflow's masker", rows)
