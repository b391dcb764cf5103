"""Vault from the container's settings: everything by options, each error with its path."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    lifetime,
    needs,
)
from secretscope.backends.vault import Layout, Token, VaultSecrets
from secretscope.providers.settings import read_settings
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, serving


@pytest.fixture
def server() -> Iterator[Double]:
    with serving() as double:
        yield double


@pytest.fixture
def admin(server: Double) -> Admin:
    admin = Admin(server.address, server.token)
    admin.write("secret", "prod/jeeves/KEY", value="application-value-1")
    for tenant in ("acme", "globex"):
        admin.write("secret", f"tenants/{tenant}/KEY", value=f"value-of-{tenant}")
        policy = admin.policy({f"secret/data/tenants/{tenant}/*": ["read"]})
        if tenant == "acme":
            admin.login("approle", "approle")
        role = {"token_policies": [policy], "bind_secret_id": False}
        admin.ask("POST", f"auth/approle/role/{tenant}", role)
    return admin


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    thing = needs(providers.Object(1), "KEY")


async def test_an_application_reads_what_its_settings_say(
    server: Double, admin: Admin, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(server.token)
    app = App(
        config={
            "secrets": {
                "backend": "vault",
                "vault": {
                    "url": server.address,
                    "mount": "secret",
                    "auth": {"method": "token", "token_file": tmp_path / "token"},
                },
                "path": "prod/jeeves/{ref}",
                "refs": {"OLD": "prod/jeeves/KEY?version=1"},
                "cache": {"ttl": 60},
            }
        }
    )
    async with lifetime(app) as secrets:
        assert secrets.lookup_sync("KEY") == "application-value-1"
        assert await secrets.resolve("OLD") == "application-value-1"


async def test_each_tenant_logs_in_with_a_role_of_its_own(
    server: Double, admin: Admin, tmp_path: Path
) -> None:
    for tenant in ("acme", "globex"):
        answer = admin.ask("GET", f"auth/approle/role/{tenant}/role-id")
        (tmp_path / tenant).write_text(answer["data"]["role_id"])
    app = App(
        config={
            "secrets": {
                "backend": "vault",
                "vault": {
                    "url": server.address,
                    "auth": {"token": server.token},
                    "tenant": {
                        "path": "tenants/{tenant}",
                        "auth": {
                            "method": "approle",
                            "role_id_file": f"{tmp_path}/{{tenant}}",
                        },
                    },
                },
                "tenants": {},
            }
        }
    )
    async with lifetime(app) as secrets:
        for tenant in ("acme", "globex"):
            async with secrets.tenant(tenant) as own:
                assert await own.resolve("KEY") == f"value-of-{tenant}"
    reads = {seen.path: seen.token for seen in server.seen if "/tenants/" in seen.path}
    assert len(set(reads.values())) == 2
    assert server.token not in reads.values()


async def test_the_token_may_come_from_another_store_of_the_container(
    server: Double, admin: Admin
) -> None:
    class Both(containers.DeclarativeContainer):
        boot = SecretsBackend(DictSecrets({"VAULT_TOKEN": server.token}))
        token = SecretValue(boot, "VAULT_TOKEN")
        backend = SecretsBackend(
            VaultSecrets,
            server.address,
            "prod/jeeves",
            auth=providers.Factory(Token, token.provider),
        )
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), "KEY", secrets=secrets)

    async with lifetime(Both()) as secrets:
        assert secrets.lookup_sync("KEY") == "application-value-1"


def settings(**vault: Any) -> dict[str, Any]:
    return {"backend": "vault", "vault": {"url": "https://v.example.com", **vault}}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"url": None}, "secrets.vault.url: is not set, and neither BAO_ADDR"),
        ({"url": "http://10.0.0.7"}, "secrets.vault.url: plain HTTP to 10.0.0.7"),
        ({"url": 7}, "secrets.vault.url: expected a text"),
        ({"addresses": ["https://a"]}, "secrets.vault.addresses: url is given"),
        ({"muont": "x"}, "secrets.vault.muont: unknown option; did you mean 'mount'"),
        ({"mount": "../x"}, "secrets.vault.mount: '..' is a way out"),
        ({"kv_version": 3}, "secrets.vault.kv_version: must be at most 2"),
        ({"engines": ["a#b"]}, "secrets.vault.engines: holds a '#'"),
        ({"timeout": 0}, "secrets.vault.timeout: must be above 0"),
        ({"namespace": "a//b"}, "secrets.vault.namespace: a part between slashes"),
        ({"tls": {"ca": "x"}}, "secrets.vault.tls.ca: unknown option"),
        ({"auth": {"method": "aprole"}}, "secrets.vault.auth.method: 'aprole'"),
        ({"auth": {"method": "approle"}}, "secrets.vault.auth.role_id: is not set"),
        (
            {"auth": {"role_id": "x"}},
            "secrets.vault.auth.role_id: the method token has",
        ),
        (
            {"auth": {"token": "a", "token_env": "b"}},
            "secrets.vault.auth.token_env: token is given, too",
        ),
        ({"auth": {"token": 7}}, "secrets.vault.auth.token: expected a text, a path"),
        ({"auth": 7}, "secrets.vault.auth: expected a mapping"),
        (
            {"tenant": {"mount": "kv"}},
            "secrets.vault.tenant.mount: expected a text that",
        ),
        (
            {"tenant": {"auth": {"token_env": "T"}}},
            "secrets.vault.tenant.auth: {tenant}",
        ),
        (
            {"tenant": {"auth": {"method": "jwt", "role": "{tenant}"}}},
            "secrets.vault.tenant.auth.jwt: is not set",
        ),
    ],
)
def test_an_option_that_cannot_work_is_named_with_its_path(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], fault: str
) -> None:
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    monkeypatch.delenv("BAO_ADDR", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(settings(**given))
    assert fault in str(caught.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(settings(mount="..", namespace="..", tenant={"path": "x"}))
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    "auth",
    [
        {"method": "token", "token": "t"},
        {"method": "token", "token": lambda: "t"},
        {"method": "token", "token": (DictSecrets({"T": "t"}), "T")},
        {"method": "approle", "role_id": "r", "secret_id_env": "S", "wrapped": True},
        {"method": "kubernetes", "role": "r"},
        {"method": "kubernetes", "role": "r", "jwt_file": Path("/x"), "mount": "k8s"},
        {"method": "jwt", "jwt_file": "/x"},
        {"method": "userpass", "username": "u", "password_file": "/x"},
        {"method": "cert", "name": "n"},
        {"method": "aws", "role": "r", "region": "eu-west-1", "server_id": "x"},
    ],
)
def test_every_way_to_log_in_has_its_options(auth: dict[str, Any]) -> None:
    store = read_settings(settings(auth=auth, tls={"ca_file": "/ca.pem"})).store()
    assert repr(store) == "VaultSecrets(Vault at https://v.example.com)"


def test_without_a_login_the_tokens_of_the_environment_are_taken() -> None:
    own = {"mount": "kv", "kv_version": 1, "engines": ["database"], "timeout": 3}
    store = read_settings(settings(**own)).store()
    assert isinstance(store, VaultSecrets)
    assert store._source._layout == Layout("kv", 1, "", ("database",))  # type: ignore[attr-defined]


def test_a_tenants_name_in_its_login_passes_the_grammar() -> None:
    auth = {"method": "userpass", "username": "{tenant}", "password_env": "P"}
    store = read_settings(settings(tenant={"auth": auth})).store()
    assert isinstance(store, VaultSecrets)
    assert store.for_tenant("acme") is not None
    with pytest.raises(ValueError, match="tenant name"):
        store.for_tenant("../acme")


async def test_a_tenant_that_comes_back_knows_what_was_unwrapped_for_it(
    server: Double, admin: Admin, tmp_path: Path
) -> None:
    admin.approle("approle", "wrapped-acme", "root")
    answer = admin.ask("GET", "auth/approle/role/wrapped-acme/role-id")
    (tmp_path / "role-acme").write_text(answer["data"]["role_id"])
    wrapped = admin.secret_id("approle", "wrapped-acme", wrap="60s")
    (tmp_path / "acme").write_text(wrapped)
    auth = {
        "method": "approle",
        "role_id_file": f"{tmp_path}/role-{{tenant}}",
        "secret_id_file": f"{tmp_path}/{{tenant}}",
        "wrapped": True,
    }
    own = {"path": "tenants/{tenant}", "auth": auth}
    given = {"url": server.address, "auth": {"token": server.token}, "tenant": own}
    store = read_settings({"backend": "vault", "vault": given}).store()
    assert isinstance(store, VaultSecrets)
    for _ in range(2):
        tenant = store.for_tenant("acme")
        assert tenant is not None
        assert await tenant.resolve("KEY") == "value-of-acme"
        await tenant.aclose()
    assert len([s for s in server.seen if s.path == "sys/wrapping/unwrap"]) == 1
    await store.aclose()
