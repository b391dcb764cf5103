"""What a login is made with: given as a text, or read anew from where it is kept."""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import anyio.to_thread
from attrs import field, frozen

from secretscope.errors import ConfigurationError, StoreUnavailableError
from secretscope.protocols import Secrets

Readable = Callable[[], "str | Awaitable[str]"]
"""A function of yours that gives the text, such as ``app.vault_token.provider``."""


class Given(Protocol):
    """Something that a login is made with; it is read at each login."""

    async def read(self, option: str) -> str:
        """Return it.

        Args:
            option: what it is called in the settings, for errors.

        Raises:
            StoreUnavailableError: It can't be read now.
            ConfigurationError: It is no text that can be sent.
        """
        ...


@frozen
class Text:
    """A text that stays as it is."""

    value: str = field(repr=False)

    async def read(self, option: str) -> str:
        """Return the text."""
        return clean(self.value, option)


@frozen
class File:
    """A file, which somebody else may keep up to date."""

    path: str | os.PathLike[str]

    async def read(self, option: str) -> str:
        """Return what the file holds now, less white space around it."""
        found = await anyio.to_thread.run_sync(self._read)
        if isinstance(found, str):
            return clean(found, option)
        raise StoreUnavailableError(
            "the login to Vault", reason=f"{option}: {self.path} {found[0]}"
        )

    def _read(self) -> str | tuple[str]:
        try:
            return Path(self.path).expanduser().read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ("is no UTF-8 text",)
        except OSError as error:
            return (f"can't be read: {error.strerror}",)


@frozen
class Variable:
    """A variable of the process's environment."""

    name: str

    async def read(self, option: str) -> str:
        """Return what the variable holds now."""
        found = os.environ.get(self.name)
        if found is None:
            raise ConfigurationError(f"{option}: the variable {self.name} is not set")
        return clean(found, option)


@frozen
class Called:
    """A function, called at each login; it may be async, and must not block."""

    function: Readable = field(repr=False)

    async def read(self, option: str) -> str:
        """Return what the function gives now."""
        found = self.function()
        return clean(await found if inspect.isawaitable(found) else found, option)


@frozen
class Stored:
    """A ref in another store."""

    secrets: Secrets = field(repr=False)
    ref: str

    async def read(self, option: str) -> str:
        """Return what the other store holds now."""
        return clean(await self.secrets.resolve(self.ref), option)


def given(value: Any, option: str) -> Given:  # noqa: ANN401 - checked here
    """Return what is read for a value from code or settings.

    Args:
        value: a text, a path, a function, ``(secrets, ref)``, or one of the above.
        option: what it is called in the settings, for errors.

    Raises:
        ConfigurationError: It is none of these.
    """
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, os.PathLike):
        return File(value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Secrets):
        return Stored(*value)
    if isinstance(value, Text | File | Variable | Called | Stored):
        return value
    if callable(value):
        function: Any = value
        return Called(function)
    raise ConfigurationError(
        f"{option}: expected a text, a path, a function or (secrets, ref), "
        f"got {type(value).__name__}"
    )


def clean(text: object, option: str) -> str:
    """Return the text without white space around it.

    Raises:
        ConfigurationError: It is empty, or holds what no header may hold.
    """
    stripped = text.strip() if isinstance(text, str) else ""
    if not stripped:
        raise ConfigurationError(f"{option}: is empty, or no text")
    if not (stripped.isascii() and stripped.isprintable()):
        raise ConfigurationError(
            f"{option}: holds a line break or a character outside ASCII"
        )
    return stripped
