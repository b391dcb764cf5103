"""From options, as a configuration holds them, to the arguments of `VaultSecrets`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import fields, frozen

from secretscope.backends.vault._given import File, Given, Variable, given
from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._login import Auth
from secretscope.backends.vault._server import Server
from secretscope.backends.vault._tenants import HOLE, Tenants, fill
from secretscope.backends.vault._tls import Tls
from secretscope.backends.vault.auth import (
    AppRole,
    AwsIam,
    Cert,
    Jwt,
    Kubernetes,
    Token,
    Userpass,
)
from secretscope.errors import ConfigurationError
from secretscope.values import TenantNames

Options = Mapping[str, Any]


@frozen
class Method:
    """A way to log in, as settings name it.

    Attributes:
        make: makes it of its options.
        plain: options that are taken as they are.
        secret: options that are a text, or are read from where ``..._file`` or
            ``..._env`` says, or by a function.
        needed: those of both that must be given.
    """

    make: Callable[..., Auth]
    plain: tuple[str, ...] = ("mount",)
    secret: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return every option there is."""
        read = [
            f"{name}{kind}" for name in self.secret for kind in ("", "_file", "_env")
        ]
        return ("method", *self.plain, *read)


METHODS: Mapping[str, Method] = {
    "token": Method(Token, (), ("token",)),
    "approle": Method(
        AppRole, ("mount", "wrapped"), ("role_id", "secret_id"), ("role_id",)
    ),
    "kubernetes": Method(Kubernetes, ("mount", "role"), ("jwt",), ("role",)),
    "jwt": Method(Jwt, ("mount", "role"), ("jwt",), ("jwt",)),
    "userpass": Method(
        Userpass, ("mount", "username"), ("password",), ("username", "password")
    ),
    "cert": Method(Cert, ("mount", "name")),
    "aws": Method(AwsIam, ("mount", "role", "region", "server_id"), (), ("role",)),
}
"""Every way to log in, by the word that settings have for it."""

_SERVER = (
    "namespace",
    "timeout",
    "connect_timeout",
    "allow_http",
    "max_bytes",
    "proxy",
)
_LAYOUT = ("mount", "kv_version", "engines")


def arguments(options: Options) -> dict[str, Any]:
    """Return the arguments of `VaultSecrets` that the options say.

    Raises:
        ConfigurationError: It names every option that cannot work, as ``vault....``.
    """
    faults: list[str] = []

    def tried(make: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            return make()
        except ConfigurationError as error:
            faults.extend(error.faults)

    auth = options.get("auth")
    found = {
        "client": tried(lambda: _server(options)),
        "layout": tried(lambda: Layout(**_given(options, _LAYOUT))),
        "auth": None if auth is None else tried(lambda: login(auth, "vault.auth")),
        "tenants": tried(lambda: _tenants(options.get("tenant"))),
    }
    if faults:
        raise ConfigurationError(*dict.fromkeys(faults))
    return found


def login(options: Options, at: str) -> Auth:
    """Return the login that the options say.

    Raises:
        ConfigurationError: It names every option that cannot work.
    """
    method = METHODS[options.get("method") or "token"]
    faults: list[str] = []
    made: dict[str, Any] = _given(options, method.plain)
    for name in method.secret:
        ways = [n for n in (name, f"{name}_file", f"{name}_env") if options.get(n)]
        if len(ways) > 1:
            faults.append(f"{at}.{ways[1]}: {ways[0]} is given, too; keep one")
        elif ways:
            made[name] = _read(options, name, ways[0], at)
    faults += [
        f"{at}.{name}: is not set; the method {options.get('method')} needs it"
        for name in method.needed
        if name not in made and not faults
    ]
    if faults:
        raise ConfigurationError(*faults)
    return method.make(**made)


def _read(options: Options, name: str, way: str, at: str) -> Given:
    if way.endswith("_file"):
        return File(options[way])
    if way.endswith("_env"):
        return Variable(options[way])
    return given(options[way], f"{at}.{name}")


def _given(options: Options, names: tuple[str, ...]) -> dict[str, Any]:
    return {n: options[n] for n in names if options.get(n) is not None}


def _server(options: Options) -> Server:
    tls = options.get("tls")
    known = {a.name for a in fields(Tls)}
    made = None if tls is None else Tls(**{k: v for k, v in tls.items() if k in known})
    addresses = options.get("addresses") or options.get("url")
    if options.get("addresses") and options.get("url"):
        raise ConfigurationError("vault.addresses: url is given, too; keep one")
    more = _given(options, _SERVER)
    return Server.from_environment(addresses=addresses, tls=made, **more)


def _tenants(options: Options | None) -> Tenants | None:
    if options is None:
        return None
    auth = options.get("auth")
    return Tenants(
        mount=options.get("mount"),
        namespace=options.get("namespace"),
        path=options.get("path"),
        auth=None if auth is None else _tenants_login(dict(auth)),
    )


def _tenants_login(options: dict[str, Any]) -> Callable[[str], Auth]:
    """Return what makes each tenant's login, with its name where ``{tenant}`` stands.

    Raises:
        ConfigurationError: ``{tenant}`` stands nowhere: all would log in as one.
    """
    at = "vault.tenant.auth"
    if not any(isinstance(text, str) and HOLE in text for text in options.values()):
        raise ConfigurationError(
            f"{at}: {HOLE} stands nowhere in it, so all tenants would log in as one"
        )
    login(options, at)  # what cannot work is told now
    unwrapped: dict[str, Auth] = {}

    def auth(tenant: str) -> Auth:
        TenantNames().check(tenant)
        if tenant in unwrapped:
            return unwrapped[tenant]
        own = {
            name: fill(value, tenant) if isinstance(value, str) else value
            for name, value in options.items()
        }
        made = login(own, at)
        if options.get("wrapped"):  # it alone knows what was unwrapped, once
            unwrapped[tenant] = made
        return made

    return auth
