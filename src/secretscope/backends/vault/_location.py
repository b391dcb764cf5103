"""Where a secret is kept: the grammar of locations.

``llm/anthropic``              below the mount, and below the path that was given
``llm/anthropic?version=3``    one version of it (KV version 2)
``/database/creds/readonly``   in another engine, which ``engines`` must name

Neither ``?`` nor a slash at the beginning can stand in a ref or in a tenant's name: only
settings and code can ask for such a location, never a name that comes from outside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import field, frozen

from secretscope.backends.vault._server import path_faults, trimmed
from secretscope.errors import ConfigurationError, InvalidRefError
from secretscope.values import parse_ref

_VERSION = re.compile(r"(.*)\?version=([1-9][0-9]{0,8})", re.DOTALL)


@frozen
class Place:
    """A location taken apart.

    Attributes:
        mount: where the engine is mounted.
        path: what is asked of it.
        version: which version; None is the newest.
    """

    mount: str
    path: str
    version: int | None = None

    @property
    def whole(self) -> str:
        """The mount and the path."""
        return f"{self.mount}/{self.path}"


def _engines(given: Sequence[str] | str) -> tuple[str, ...]:
    return tuple(map(trimmed, (given,) if isinstance(given, str) else given))


@frozen
class Layout:
    """Where secrets are kept on the server.

    Attributes:
        mount: where the KV engine is mounted.
        kv_version: its version, 1 or 2; None finds out, and takes 2 where it may not.
        path: what stands before every location in that engine.
        engines: where other engines are mounted that ``/engine/...`` may read.

    Raises:
        ConfigurationError: It names every option that cannot work.
    """

    mount: str = field(default="secret", converter=trimmed)
    kv_version: int | None = None
    path: str = field(default="", converter=trimmed)
    engines: tuple[str, ...] = field(default=(), converter=_engines)

    def __attrs_post_init__(self) -> None:
        faults = path_faults(self.mount or None, "vault.mount")
        if not self.mount:
            faults.append("vault.mount: is empty")
        if self.kv_version not in {None, 1, 2}:
            faults.append("vault.kv_version: expected 1 or 2")
        faults += path_faults(self.path, "vault.path")
        for engine in self.engines:
            faults += path_faults(engine, "vault.engines")
        if faults:
            raise ConfigurationError(*faults)

    def place(self, location: str) -> Place:
        """Take a location apart, before any server is asked.

        Raises:
            InvalidRefError: It is outside the grammar, or in no engine that is named.
        """
        if not isinstance(location, str):
            raise InvalidRefError(location, reason="it is no string")
        if "#" in location:
            raise InvalidRefError(location, reason="a field has no place here")
        match = _VERSION.fullmatch(location)
        path, version = (match[1], int(match[2])) if match else (location, None)
        if path.startswith("/"):
            return self._elsewhere(location, path[1:], version)
        _check(location, path)
        return Place(self.mount, f"{self.path}/{path}" if self.path else path, version)

    def _elsewhere(self, location: str, path: str, version: int | None) -> Place:
        _check(location, path)
        inside = [e for e in self.engines if path.startswith(f"{e}/")]
        if not inside:
            raise InvalidRefError(
                location,
                reason="it begins with no engine that the option vault.engines names",
            )
        mount = max(inside, key=len)
        return Place(mount, path[len(mount) + 1 :], version)


def _check(location: str, path: str) -> None:
    reason: str | None = None
    try:
        parse_ref(path)
    except InvalidRefError as error:
        reason = error.reason
    if reason is not None:
        raise InvalidRefError(location, reason=reason)
