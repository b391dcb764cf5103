"""An error with everything that hangs on it: what a log or a debugger could show."""

from __future__ import annotations

from collections.abc import Iterator

from secretscope.errors import SecretScopeError


def shown(error: BaseException) -> str:
    """Return all that can be read from an error and what hangs on it."""
    return " ".join(f"{e!r} {e!s} {e.args!r} {vars(e)!r}" for e in _chain(error))


def foreign(error: BaseException) -> list[BaseException]:
    """Return what hangs on the error and is not ours: it may hold the payload."""
    return [e for e in _chain(error) if not isinstance(e, SecretScopeError)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
