"""A client that somebody wrote: anything with `read(path)` and `write(path, **data)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable, iscoroutinefunction
from typing import Any, Protocol, runtime_checkable

from secretscope.backends._threads import Threads
from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._read import texts
from secretscope.backends.vault._write import field_to_write
from secretscope.errors import (
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.values import Secret


@runtime_checkable
class ReadWrite(Protocol):
    """The subset of a client that is asked for; both may be sync or async.

    A sync one is called in a worker thread: set its own timeouts.
    """

    def read(self, path: str) -> Any:  # noqa: ANN401 - a mapping, or awaitable of one
        """Return the fields kept at a path; None or KeyError where there are none."""
        ...

    def write(self, path: str, **data: Any) -> Any:  # noqa: ANN401
        """Replace the fields kept at a path."""
        ...


class ClientSource:
    """Reads through a client's `read`, and writes through its `write`.

    The paths and the fields are the client's own: it is asked for ``path/ref`` as it
    stands, and what it answers is taken as the fields. It has no versions, leases or
    check-and-set that could be seen from here.

    Args:
        client: with `read` and `write`, sync or async.
        path: what stands before every location.
    """

    def __init__(self, client: ReadWrite, path: str = "") -> None:
        self._client = client
        self._layout = Layout(path=path)
        self._threads = Threads()

    async def fetch(self, location: str) -> Secret:
        """Read the fields at a location.

        Raises:
            InvalidRefError: The location is outside the grammar; nothing was asked.
            MissingSecretError: The client answers None, or raises KeyError.
            StoreUnavailableError: The client raises anything else.
            MalformedSecretError: It answers no mapping.
        """
        place = self._layout.place(location)
        found = await self._call(location, self._client.read, place.path)
        if found is None:
            raise MissingSecretError(location, where=str(self))
        if not isinstance(found, Mapping):
            raise MalformedSecretError(
                str(self), ref=location, expected="a mapping of fields from read()"
            )
        return Secret(texts(found))

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Read the fields, change one, and write them all.

        Raises:
            StoreUnavailableError: The client raises.
            MalformedSecretError: There are several fields, and none was named.
        """
        place = self._layout.place(location)
        found = await self._call(location, self._client.read, place.path)
        data = dict(found) if isinstance(found, Mapping) else {}
        field = field_to_write(field, data, ref=location, store=str(self))
        fields = {**data, field: value}
        await self._call(
            location, lambda path: self._client.write(path, **fields), place.path
        )

    async def _call(self, ref: str, act: Callable[[str], Any], path: str) -> Any:  # noqa: ANN401
        failed: str | None = None
        try:
            return await self._called(act, path)
        except KeyError:
            return None
        except SecretScopeError:
            raise
        except Exception as error:  # noqa: BLE001 - a client may raise what it likes
            failed = type(error).__name__
        raise StoreUnavailableError(
            str(self), ref=ref, reason=f"the client raised {failed}"
        )

    async def _called(self, act: Callable[[str], Any], path: str) -> Any:  # noqa: ANN401
        if iscoroutinefunction(self._client.read):
            return await act(path)
        # in a list: trio refuses a coroutine that comes out of a thread
        found = await self._threads.run(lambda: [act(path)])
        return await found[0] if isawaitable(found[0]) else found[0]

    def __str__(self) -> str:
        return f"the client {type(self._client).__name__}"

    def __repr__(self) -> str:
        return f"<ClientSource {self}>"
