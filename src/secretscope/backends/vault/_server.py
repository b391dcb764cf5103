"""Which server: its addresses, its namespace, and how it may be reached."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from secretscope.backends.vault._environment import variable
from secretscope.backends.vault._tls import Tls
from secretscope.errors import ConfigurationError, InvalidRefError
from secretscope.values import parse_ref

_MIB = 1024 * 1024
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)?")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}


def _addresses(given: str | Sequence[str]) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else list(given)
    return tuple(
        part.strip().rstrip("/").removesuffix("/v1").rstrip("/")
        if isinstance(part, str)
        else part
        for part in parts
    )


def trimmed(path: Any) -> Any:  # noqa: ANN401 - what it is, is checked later
    """Return a path without the slash that Vault itself writes after it."""
    return path.removesuffix("/") if isinstance(path, str) else path


@frozen
class Server:
    """A Vault or OpenBao cluster.

    Attributes:
        addresses: each node's, such as ``https://vault.example.com:8200``, or one that
            stands for all; the next one is asked where one does not answer.
        namespace: the part of the server that is meant, its ``X-Vault-Namespace``.
        tls: whom we trust.
        timeout: seconds that one address may take over one request.
        connect_timeout: seconds within which a connection must stand.
        allow_http: send the token in clear text to another machine, too.
        max_bytes: the largest answer that is read; Vault's own limit for an entry is
            1 MiB: https://developer.hashicorp.com/vault/docs/internals/limits
        proxy: the address of an HTTP proxy.
        client: an httpx2.AsyncClient or hvac.Client of yours, instead of one of ours.

    Raises:
        ConfigurationError: It names every option that cannot work.
    """

    addresses: tuple[str, ...] = field(converter=_addresses)
    namespace: str | None = field(default=None, converter=trimmed)
    tls: Tls = field(factory=Tls)
    timeout: float = 5.0
    connect_timeout: float = 2.0
    allow_http: bool = False
    max_bytes: int = 2 * _MIB
    proxy: str | None = field(default=None, repr=False)
    client: Any = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        faults = [] if any(self.addresses) else ["vault.url: is empty"]
        faults += [
            fault
            for address in self.addresses
            for fault in address_faults(address, allow_http=self.allow_http)
        ]
        faults += path_faults(self.namespace, "vault.namespace")
        faults += [
            f"vault.{name}: must be above 0"
            for name in ("timeout", "connect_timeout", "max_bytes")
            if not getattr(self, name) > 0
        ]
        if faults:
            raise ConfigurationError(*faults)

    @property
    def name(self) -> str:
        """What errors call it."""
        part = f" (namespace {self.namespace})" if self.namespace else ""
        return f"Vault at {', '.join(self.addresses)}{part}"

    @classmethod
    def from_environment(cls, **given: Any) -> Server:
        """Return the server that BAO_* or VAULT_* variables describe.

        Args:
            given: fields that go before the variables; None counts as not given.

        Raises:
            ConfigurationError: No address is given, or something cannot work.
        """
        given = {name: value for name, value in given.items() if value is not None}
        addresses = given.pop("addresses", None) or variable("ADDR")
        if addresses is None:
            raise ConfigurationError(
                "vault.url: is not set, and neither BAO_ADDR nor VAULT_ADDR is"
            )
        found = {
            "namespace": variable("NAMESPACE"),
            "tls": _tls(),
            "timeout": _seconds(variable("CLIENT_TIMEOUT")),
            "proxy": variable("PROXY_ADDR") or variable("HTTP_PROXY"),
        }
        known: dict[str, Any] = {
            name: value for name, value in found.items() if value is not None
        }
        return cls(addresses, **{**known, **given})


def _tls() -> Tls:
    return Tls(
        ca_file=variable("CACERT"),
        ca_path=variable("CAPATH"),
        cert_file=variable("CLIENT_CERT"),
        key_file=variable("CLIENT_KEY"),
        server_name=variable("TLS_SERVER_NAME"),
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            "VAULT_CLIENT_TIMEOUT: expected seconds, such as 30 or 30s"
        )
    return float(match[1]) * _UNIT[match[2]]


def address_faults(address: object, *, allow_http: bool) -> list[str]:
    """Return what is wrong with an address; never its user or password."""
    if not isinstance(address, str):
        return [f"vault.url: expected a text, got {type(address).__name__}"]
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return ["vault.url: expected an address such as https://vault.example.com:8200"]
    if parts.username is not None or parts.query or parts.fragment:
        return ["vault.url: holds more than scheme, host, port and path"]
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.hostname)):
        return [
            f"vault.url: plain HTTP to {parts.hostname} would show the token to all "
            "between; use https, or set vault.allow_http"
        ]
    return []


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    clean = address.isascii() and address.isprintable() and " " not in address
    return parts if clean else None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, without asking a resolver."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def path_faults(path: object, option: str) -> list[str]:
    """Return what is wrong with a mount, a namespace or a path prefix, if anything."""
    if path is None or path == "":
        return []
    if not isinstance(path, str):
        return [f"{option}: expected a text, got {type(path).__name__}"]
    try:
        parse_ref(path)
    except InvalidRefError as error:
        return [f"{option}: {error.reason}"]
    return [f"{option}: holds a '#'"] if "#" in path else []
