"""Recorded reads: which refs were asked for in a test, and for whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import wraps
from typing import Any

from attrs import frozen

from secretscope.errors import SecretScopeError
from secretscope.providers import AppReader
from secretscope.scopes import Frame, Reader, ScopedReader
from secretscope.testing._pytest import pytest
from secretscope.testing._swap import swapped


@frozen
class Read:
    """One read, whether it found something or not.

    Attributes:
        ref: what was asked for.
        tenant: for whom; None is the application.
    """

    ref: str
    tenant: str | None = None


SecretReads = list[Read]
"""The reads of a test, in order; see the fixture `secret_reads`."""

_WAYS = ("lookup_sync", "peek", "resolve")
_READERS = (Reader, Frame, ScopedReader, AppReader)


@pytest.fixture
def secret_reads() -> Iterator[SecretReads]:
    """Give the list of what was read in this test, which grows as it is read.

    A read through a ScopedSecrets, a bound reader or a backend counts once, in
    whatever task or thread; stores that are read by themselves are not recorded.
    """
    with recording() as reads:
        yield reads


@contextmanager
def recording() -> Generator[SecretReads]:
    """Record the reads of a block."""
    reads: SecretReads = []
    inside = threading.local()
    with ExitStack() as stack:
        for reader in _READERS:
            for way in _WAYS:
                read = vars(reader).get(way)
                if read is not None:
                    recorded = _recorded(read, reads, inside)
                    stack.enter_context(swapped(reader, way, recorded))
        yield reads


def _recorded(
    read: Callable[..., Any], reads: SecretReads, inside: threading.local
) -> Callable[..., Any]:
    @wraps(read)
    def recorded(reader: Any, ref: str) -> Any:  # noqa: ANN401
        if getattr(inside, "a_read", False):
            return read(reader, ref)
        reads.append(Read(ref, _tenant_of(reader)))
        inside.a_read = True
        try:
            return read(reader, ref)
        finally:
            inside.a_read = False

    return recorded


def _tenant_of(reader: Any) -> str | None:  # noqa: ANN401
    with suppress(SecretScopeError, AttributeError):  # ended, or the application's
        tenant: str | None = reader._here().tenant
        return tenant
    return None
