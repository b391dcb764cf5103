"""Where a model finds its key: given, then the store, then the environment."""

from __future__ import annotations

import os
from contextlib import suppress

from attrs import field, frozen

from secretscope.errors import (
    ExpiredError,
    MissingKeyError,
    MissingSecretError,
    NotWarmError,
    SecretReadError,
)
from secretscope.protocols import Peekable, Refreshable, Secrets
from secretscope.redaction import KNOWN


@frozen
class Key:
    """One model's key.

    Attributes:
        ref: the ref, which is the environment variable's name, too.
        model: what errors call the model.
        given: the explicit ``api_key=``, which goes before everything.
    """

    ref: str
    model: str
    given: str | None = field(default=None, repr=False)

    def at_hand(self, secrets: Secrets | None) -> str:
        """Return the key without any I/O.

        Raises:
            MissingKeyError: None of the three places has it.
            SecretReadError: The store says that it can't be read here and now.
        """
        value = self.given
        if value is None and secrets is not None:
            value = secrets.lookup_sync(self.ref)
        return self._settle(value, secrets)

    async def read(self, secrets: Secrets | None) -> str:
        """Return the key, fetched where it is cold or has expired."""
        value = self.given
        if value is None and secrets is not None:
            try:
                value = secrets.lookup_sync(self.ref)
            except (NotWarmError, ExpiredError):
                value = await secrets.resolve(self.ref)
            if value is None and _is_cold(secrets, self.ref):
                with suppress(MissingSecretError):
                    value = await secrets.resolve(self.ref)
        return self._settle(value, secrets)

    async def renew(self, secrets: Secrets | None, bad: str) -> str | None:
        """Return another key than the one that was refused; None if there is none."""
        if self.given is not None or secrets is None:
            return None
        if isinstance(secrets, Refreshable):
            await secrets.refresh(self.ref, bad=bad)
        elif secrets.lookup_sync(self.ref) == bad:
            await secrets.resolve(self.ref)
        value = await self.read(secrets)
        return None if value == bad else value

    def _settle(self, value: str | None, secrets: Secrets | None) -> str:
        if value is None:
            value = os.environ.get(self.ref)
        if value is None:
            store = type(secrets).__name__ if secrets is not None else None
            raise MissingKeyError(self.ref, model=self.model, store=store)
        KNOWN.add(value, ref=self.ref, tenant=getattr(secrets, "tenant", None))
        return value


def _is_cold(secrets: Secrets, ref: str) -> bool:
    """Tell whether a bare store, which shows None for what is cold, has yet to fetch."""
    kind: type[Exception] = MissingSecretError
    if isinstance(secrets, Peekable):
        try:
            secrets.peek(ref)
        except SecretReadError as error:
            kind = type(error)
    return issubclass(kind, NotWarmError | ExpiredError)
