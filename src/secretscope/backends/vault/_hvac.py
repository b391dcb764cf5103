"""A user's own `hvac.Client`: its connections and its token, in worker threads.

Its adapter is asked through `hvac.adapters.RawAdapter`, which hands out the whole answer,
status and headers too: https://python-hvac.org/en/stable/advanced_usage.html
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import anyio

from secretscope.backends._threads import Threads
from secretscope.backends.vault._reply import Ask, Fault, Reply

_LATER = 1.0
"""Seconds after our own timeout that the thread's request ends, too."""


def is_hvac(client: object) -> bool:
    """Tell whether it is an `hvac.Client`, or made from one; hvac is not imported."""
    return any(
        kind.__module__.partition(".")[0] == "hvac" and kind.__name__ == "Client"
        for kind in type(client).__mro__
    )


class HvacWire:
    """Sends through an `hvac.Client`, with its token unless we have one of our own.

    Each request has an adapter of its own over the client's connections: no token is
    shared between two of them.
    """

    def __init__(self, client: Any, *, timeout: float) -> None:  # noqa: ANN401
        self._client = client
        self._timeout = timeout
        self._threads = Threads()

    async def send(self, address: str, ask: Ask) -> Reply | Fault:
        """Ask once, in a thread that the timeout ends; the address is the client's."""
        with anyio.move_on_after(self._timeout):
            return await self._threads.run(self._ask, ask)
        return Fault("it took too long", seconds=self._timeout)

    async def aclose(self) -> None:
        """Leave the client open: it is the user's."""

    def _ask(self, ask: Ask) -> Reply | Fault:
        errors = import_module("requests.exceptions")
        try:
            answer = self._adapter(ask).request(
                ask.method.lower(),
                ask.target,
                headers=ask.headers(),
                raise_exception=False,
                json=None if ask.body is None else dict(ask.body),
                timeout=self._timeout + _LATER,
            )
        except errors.RequestException:
            return Fault("it could not be reached, or the connection broke off")
        headers = {name.lower(): text for name, text in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.content)

    def _adapter(self, ask: Ask) -> Any:  # noqa: ANN401
        raw = import_module("hvac.adapters").RawAdapter
        adapter = raw.from_adapter(self._client.adapter)
        adapter.allow_redirects = False  # requests would take the token along
        if ask.token is not None:
            adapter.token = ask.token
        if ask.namespace:
            adapter.namespace = ask.namespace
        return adapter
