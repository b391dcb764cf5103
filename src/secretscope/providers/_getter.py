"""SecretGetter: an async function that gives a secret's current value."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, overload

from dependency_injector import providers

from secretscope.errors import ExpiredError, MissingSecretError, NotWarmError
from secretscope.protocols import Secrets
from secretscope.providers._default import REQUIRED, D, Defaulted, V


class SecretGetter(Defaulted[Callable[[], Coroutine[Any, Any, V]]], Generic[V]):
    """Provides a bound async function that returns a secret's value at each call.

    For whatever takes a callable in a key's place (``ChatOpenAI(api_key=...)``): it reads
    in the task that calls it, so that tenants, overrides and rotation reach it.

    Args:
        secrets: as of `SecretValue`.
        ref: as of `SecretValue`.
        default: what is given where the secret is missing; without one it is required.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # what it provides follows from the default

        @overload
        def __init__(
            self: SecretGetter[str],
            secrets: providers.Provider[Any] | Secrets | None = None,
            ref: str | providers.Provider[Any] = "",
        ) -> None: ...
        @overload
        def __init__(
            self: SecretGetter[str | D],
            secrets: providers.Provider[Any] | Secrets | None = None,
            ref: str | providers.Provider[Any] = "",
            *,
            default: D,
        ) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(  # type: ignore[override]
        self,
        *args: Any,
        **kwargs: Any,
    ) -> Callable[[], Coroutine[Any, Any, V]]:
        """Return the function."""
        over: Any = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)  # type: ignore[no-any-return]
        return _Getter(self.secrets(), self.name, self.default).read


class _Getter:
    """Reads one secret; its method is a coroutine function, which callers look for."""

    def __init__(self, secrets: Secrets, ref: str, default: Any) -> None:
        self._secrets = secrets
        self._ref = ref
        self._default = default

    async def read(self) -> Any:
        """Return the value, fetched if need be.

        Raises:
            MissingSecretError: There is none, and no default (or what a store raises).
        """
        try:
            with suppress(NotWarmError, ExpiredError):
                value = self._secrets.lookup_sync(self._ref)
                if value is not None:
                    return value
            return await self._secrets.resolve(self._ref)
        except MissingSecretError:
            if self._default is REQUIRED:
                raise
            return self._default
