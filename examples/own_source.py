"""A source of your own in one method or two; the cache makes a store of it."""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import anyio
import anyio.to_thread

from secretscope import CachedSecrets, MalformedSecretError, MissingSecretError, Secret
from secretscope.values import parse_ref


class TableSource:
    """Keeps secrets in a table of SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._run("CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT, n INTEGER)")

    async def fetch(self, location: str) -> Secret:
        parse_ref(location)
        ask = "SELECT value, n FROM secrets WHERE name = ?"
        for value, number in await anyio.to_thread.run_sync(self._run, ask, location):
            return Secret(value, version=str(number))
        raise MissingSecretError(location, where=str(self._path))

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        parse_ref(location)
        if field is not None:
            raise MalformedSecretError("the table", ref=location, expected="no field")
        write = """INSERT INTO secrets VALUES (?, ?, 1)
            ON CONFLICT DO UPDATE SET value = excluded.value, n = n + 1"""
        await anyio.to_thread.run_sync(self._run, write, location, value)

    def _run(self, statement: str, *values: str) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self._path)) as table, table:
            return table.execute(statement, values).fetchall()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        secrets = CachedSecrets(TableSource(Path(folder) / "secrets.db"))
        await secrets.store("STRIPE_KEY", "stripe-test-key-0001")
        print(await secrets.resolve("STRIPE_KEY") == secrets.lookup_sync("STRIPE_KEY"))


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
