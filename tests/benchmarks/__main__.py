"""``python -m tests.benchmarks``: each figure beside its peer, as a ratio of one run.

Names of tables measure those alone. ``--into docs/performance.md`` writes each table into
that page, as soon as it is measured.
"""

import argparse
from pathlib import Path

from tests.benchmarks import (
    aws,
    freshness,
    imports,
    races,
    redaction,
    scopes,
    stores,
    tenants,
    vault,
    web,
)
from tests.benchmarks.page import look_for, put_table, put_versions
from tests.benchmarks.table import Table

LOOPS = ("asyncio", "trio")
TABLES = (
    Table("import", imports.rows),
    Table("scopes", scopes.rows, LOOPS),
    Table("races", races.rows, LOOPS),
    Table("tenants", tenants.rows, LOOPS),
    Table("freshness", freshness.rows, LOOPS),
    Table("Vault", vault.rows, LOOPS),
    Table("AWS", aws.rows, LOOPS),
    Table("other stores", stores.rows, LOOPS),
    Table("import of stores", stores.imports),
    Table("web", web.rows, ("asyncio",)),
    Table("redaction", redaction.rows),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="*", help=", ".join(t.title for t in TABLES))
    parser.add_argument("--into", type=Path, metavar="PAGE", help="a Markdown page")
    given = parser.parse_args()
    unknown = set(given.table) - {table.title for table in TABLES}
    if unknown:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    chosen = [t for t in TABLES if not given.table or t.title in given.table]
    if given.into is not None:
        look_for(given.into, [table.title for table in chosen])
    for table in chosen:
        found = table.measure()
        if given.into is not None:
            put_table(given.into, table.title, found)
    if given.into is not None:
        put_versions(given.into)


if __name__ == "__main__":
    main()
