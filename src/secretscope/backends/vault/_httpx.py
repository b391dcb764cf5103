"""httpx2, which only this store needs."""

from __future__ import annotations

from secretscope.errors import MissingExtraError

try:
    import httpx2
except ModuleNotFoundError as absent:
    if absent.name != "httpx2":
        raise
    missing = True
else:
    missing = False
if missing:
    raise MissingExtraError("secretscope.backends.vault", extra="vault")

__all__ = ["httpx2"]
