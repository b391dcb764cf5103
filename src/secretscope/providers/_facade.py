"""The application's reader of one store, whatever frame the task stands in."""

from __future__ import annotations

from collections.abc import Callable

from secretscope.errors import SecretReadError
from secretscope.redaction import redact
from secretscope.scopes import Scope, noted
from secretscope.values import Secret


class AppReader:
    """What `container.backend()` gives: the application's own secrets.

    Cold and missing refs give None here, as a bare store's do; `peek` tells them
    apart.
    """

    def __init__(self, name: str, scope: Callable[[], Scope]) -> None:
        self._name = name
        self._scope = scope

    async def resolve(self, ref: str) -> str:
        """Return the application's value, fetched if need be."""
        scope = self._scope()
        return await scope.home.bring(scope.app.resolve, ref)

    async def store(self, ref: str, value: str) -> None:
        """Write the application's value."""
        scope = self._scope()
        await scope.home.bring(scope.app.put, ref, value)

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand; None where nothing is."""
        try:
            return self.peek(ref)
        except SecretReadError:
            return None

    def peek(self, ref: str) -> str:
        """Return what is at hand, or raise why it is not."""
        return noted(lambda: self._scope().app.peek(ref), ref)

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand, or raise why it is not."""
        return noted(lambda: self._scope().app.peek_secret(ref), ref, whole=True)

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched if need be."""
        scope = self._scope()
        return await scope.home.bring(scope.app.resolve_secret, ref)

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the application's value anew."""
        scope = self._scope()
        await scope.home.bring(scope.app.refresh, ref, bad)

    def __repr__(self) -> str:
        return f"<{self._name}>"
