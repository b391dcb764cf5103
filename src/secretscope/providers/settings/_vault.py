"""Settings of HashiCorp Vault and OpenBao."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from secretscope.errors import ConfigurationError
from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import (
    Check,
    a_path,
    anything,
    flag,
    listed,
    number,
    one_of,
    options,
    text,
    whole,
)

_TLS = options(
    {
        "ca_file": a_path,
        "ca_path": a_path,
        "cert_file": a_path,
        "key_file": a_path,
        "server_name": text,
    }
)
_SECRET = ("token", "role_id", "secret_id", "jwt", "password")
_SOURCES: dict[str, Check] = {
    **dict.fromkeys(_SECRET, anything),  # a text, a function, (store, ref)
    **{f"{name}_file": a_path for name in _SECRET},
    **{f"{name}_env": text for name in _SECRET},
}
_PLAIN: dict[str, Check] = {
    "method": one_of(
        "token", "approle", "kubernetes", "jwt", "userpass", "cert", "aws"
    ),
    "wrapped": flag,
    **dict.fromkeys(("mount", "role", "username", "name", "region", "server_id"), text),
}
_AUTH = options({**_PLAIN, **_SOURCES})


def _auth(given: Any, path: str, faults: Faults) -> None:
    """Check a login's options, and that its method has them."""
    before = len(faults.found)
    _AUTH(given, path, faults)
    if len(faults.found) > before:
        return
    method = given.get("method") or "token"
    known = door("vault").METHODS[method].names()
    for name, value in given.items():
        if value is not None and name not in known:
            faults.add(
                f"{path}.{name}",
                f"the method {method} has no such option; it has {', '.join(known[1:])}",
            )


_KINDS = options(
    {
        "url": text,
        "addresses": listed(text, "a list of addresses"),
        "namespace": text,
        "mount": text,
        "kv_version": whole(least=1, most=2),
        "engines": listed(text, "a list of mounts"),
        "auth": _auth,
        "tls": _TLS,
        "timeout": number(above=True),
        "connect_timeout": number(above=True),
        "allow_http": flag,
        "max_bytes": whole(least=1),
        "proxy": text,
        "tenant": options(
            {"mount": text, "namespace": text, "path": text, "auth": _auth}
        ),
    }
)


def _check(given: Any, path: str, faults: Faults) -> None:
    """Check each option by itself, and then whether they can work together."""
    before = len(faults.found)
    _KINDS(given, path, faults)
    if len(faults.found) > before:
        return
    try:
        door("vault").arguments(given)
    except ConfigurationError as wrong:
        faults.found += [re.sub(r"^vault\b", path, fault) for fault in wrong.faults]


def _build(settings: Settings) -> Secrets:
    vault = door("vault")
    made = vault.arguments(settings.options)
    store: Secrets = vault.VaultSecrets(**made, policy=settings.policy)
    return store


def _tenanted(given: Mapping[str, Any]) -> bool:
    return given.get("tenant") is not None


VAULT = Backend("vault", _build, _check, _tenanted)
