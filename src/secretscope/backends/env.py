"""The process's environment, read anew each time."""

from __future__ import annotations

import os
from collections.abc import Callable

from secretscope.errors import MissingSecretError, ReadOnlyStoreError
from secretscope.redaction import KNOWN, redact
from secretscope.values import field_of, parse_ref


class EnvSecrets:
    """Reads secrets from `os.environ`, at each read; nothing is kept.

    ``NAME#field`` reads one field of a variable that holds a JSON object.
    """

    owner: Callable[[str], str | None] | None = None
    """Tells which tenant a variable belongs to; set by the lifetime."""

    async def resolve(self, ref: str) -> str:
        """Return the variable's value.

        Raises:
            MissingSecretError: It is not set (a KeyError).
            InvalidRefError: The ref is outside the grammar.
        """
        return self.peek(ref)

    async def store(self, ref: str, value: str) -> None:
        """Refuse: a library does not write to its process's environment.

        Raises:
            ReadOnlyStoreError: Always (a NotImplementedError).
        """
        raise ReadOnlyStoreError("EnvSecrets")

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        """Return the variable's value, or None where it is not set."""
        try:
            return self.peek(ref)
        except MissingSecretError:
            return None

    def peek(self, ref: str) -> str:
        """Return the variable's value, or raise as `resolve` does."""
        name = parse_ref(ref)
        value = os.environ.get(ref)
        if value is None and name.field is not None:
            whole = os.environ.get(name.base)
            if whole is not None:
                value = field_of(whole, ref, store="the environment")
        if value is None:
            raise MissingSecretError(
                ref,
                where="the environment",
                cure=f"environment variable {ref!r} is not set; set it",
            )
        KNOWN.add(value, ref=ref, tenant=self.owner(ref) if self.owner else None)
        return value

    def settled(self, ref: str) -> bool:
        """Tell that nobody else needs to be asked."""
        return True

    def __repr__(self) -> str:
        return "EnvSecrets()"
