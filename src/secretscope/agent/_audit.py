"""The audit log: what agents did, masked before it is written, signed if you like."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import anyio.to_thread

from secretscope.errors import AuditError
from secretscope.redaction import redact

_START = "0" * 64


class AuditSink(Protocol):
    """Where an agent writes what it did."""

    async def write(self, kind: str, **facts: object) -> None:
        """Write one entry; every text in it is masked first."""
        ...


class AuditLog:
    """Keeps entries in memory.

    Args:
        key: signs each entry (HMAC-SHA256) together with the one before it.
        clock: seconds since the epoch.
    """

    def __init__(
        self, *, key: bytes | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.entries: list[dict[str, Any]] = []
        self._key = key
        self._clock = clock
        self._last = _START
        self._number = 0
        self._lock = Lock()

    async def write(self, kind: str, **facts: object) -> None:
        """Write one entry; every text in it is masked first."""
        with self._lock:
            self.entries.append(self._entry(kind, facts))

    def _entry(self, kind: str, facts: dict[str, object]) -> dict[str, Any]:
        self._number += 1
        entry: dict[str, Any] = {
            "number": self._number,
            "at": self._clock(),
            "kind": kind,
            **{name: _masked(fact) for name, fact in facts.items()},
        }
        if self._key is not None:
            entry["before"] = self._last
            self._last = entry["signature"] = _sign(entry, self._key)
        return entry


class JsonlAuditLog(AuditLog):
    """Appends entries to a file, one JSON object a line; only its owner may read it.

    A signed log is continued where it ends.

    Args:
        path: the file.
        key: signs each entry (HMAC-SHA256) together with the one before it.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        key: bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(key=key, clock=clock)
        self._path = Path(path)
        self._begun = False

    async def write(self, kind: str, **facts: object) -> None:
        """Append one entry, off the event loop; every text in it is masked first."""
        await anyio.to_thread.run_sync(self._append, kind, facts)

    def _append(self, kind: str, facts: dict[str, object]) -> None:
        with self._lock:
            if not self._begun:
                self._continue()
            line = json.dumps(self._entry(kind, facts)) + "\n"
            handle = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600
            )
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(line)

    def _continue(self) -> None:
        self._begun = True
        if self._path.exists():
            for entry in _entries_in(self._path):
                self._number = entry.get("number", self._number + 1)
                self._last = entry.get("signature", _START)


def verify(entries: Iterable[dict[str, Any]] | str | Path, *, key: bytes) -> int:
    """Check a signed log: that no entry was edited, deleted or moved.

    Entries cut off at the end can't be seen from the log itself: compare the number
    returned with the one you expect.

    Args:
        entries: the entries, or the file that holds them.
        key: the key they were signed with.

    Returns:
        How many entries there are.

    Raises:
        AuditError: The first entry that is not what was written.
    """
    where = "the audit log"
    if isinstance(entries, str | Path):
        where = str(entries)
        entries = _entries_in(Path(entries))
    last, count = _START, 0
    for count, entry in enumerate(entries, 1):
        unsigned = {k: v for k, v in entry.items() if k != "signature"}
        if "signature" not in entry:
            raise AuditError(where, line=count, reason="it is not signed")
        if entry.get("before") != last or entry.get("number") != count:
            raise AuditError(
                where, line=count, reason="an entry before it was deleted or moved"
            )
        signature = str(entry.get("signature"))
        if not hmac.compare_digest(signature.encode(), _sign(unsigned, key).encode()):
            other = ", or signed with another key" if count == 1 else ""
            raise AuditError(where, line=count, reason=f"it was edited{other}")
        last = signature
    return count


def _entries_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a file's entries.

    Raises:
        AuditError: A line is no entry.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            entry: object = None
            with suppress(
                ValueError, RecursionError
            ):  # JSONDecodeError.doc is the line
                entry = json.loads(line, object_pairs_hook=_unique)
            if not isinstance(entry, dict):
                raise AuditError(
                    str(path),
                    line=number,
                    reason="it is no JSON object: it was cut off, or is no audit log's",
                )
            yield entry


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one that names a thing twice reads otherwise elsewhere."""
    entry = dict(pairs)
    if len(entry) != len(pairs):
        raise ValueError
    return entry


def _sign(entry: dict[str, Any], key: bytes) -> str:
    payload = json.dumps(entry, sort_keys=True).encode()
    return hmac.new(key, payload, hashlib.sha256).hexdigest()


def _masked(fact: object) -> object:
    if isinstance(fact, str):
        return redact(fact)
    if fact is None or isinstance(fact, bool | int | float):
        return fact
    if isinstance(fact, dict):
        return {redact(str(key)): _masked(value) for key, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_masked(item) for item in fact]
    return redact(str(fact))
