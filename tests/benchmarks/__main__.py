"""``python -m tests.benchmarks``: each figure beside its peer, as a ratio of one run."""

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
from tests.benchmarks.table import show

if __name__ == "__main__":
    show("import", imports.rows)
    show("redaction", redaction.rows)
    show("web on asyncio", web.rows, "asyncio")
    show("stores", stores.imports)
    for loop in ("asyncio", "trio"):
        show(f"other stores on {loop}", stores.rows, loop)
        show(f"scopes on {loop}", scopes.rows, loop)
        show(f"tenants on {loop}", tenants.rows, loop)
        show(f"races on {loop}", races.rows, loop)
        show(f"AWS on {loop}", aws.rows, loop)
        show(f"Vault on {loop}", vault.rows, loop)
        show(f"freshness on {loop}", freshness.rows, loop)
