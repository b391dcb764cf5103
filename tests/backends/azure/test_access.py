"""How a key vault is reached: settings, ways to log in, tenants' vaults."""

import sys
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    InvalidTenantError,
    MissingExtraError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.backends.azure import (
    AzureAccess,
    AzureAuth,
    AzureSecrets,
    AzureSource,
)
from secretscope.redaction import redact
from tests.backends.azure.server import CLIENT_SECRET, DIRECTORY, Azure

URL = "https://my-vault.vault.azure.net"


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(f"AZURE_{name}", raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")


async def read(azure: Azure, auth: AzureAuth) -> dict[str, str]:
    """Read a secret, and return what the login server was told."""
    azure.hold("KEY", "first-value")
    source = AzureSource(azure.access(auth))
    await source.open()
    assert (await source.fetch("KEY")).reveal() == "first-value"
    await source.aclose()
    return azure.logins[-1]


async def test_a_clients_secret_logs_in_where_the_challenge_says(azure: Azure) -> None:
    said = await read(azure, azure.auth())
    assert said["client_secret"] == CLIENT_SECRET
    assert said["scope"].startswith("https://vault.azure.net/.default")
    assert len(azure.logins) == 1
    assert CLIENT_SECRET not in repr(azure.access())
    assert CLIENT_SECRET not in redact(f"it is {CLIENT_SECRET}")


async def test_workload_identity_logs_in_with_its_token(azure: Azure) -> None:
    token = azure.ca.with_name("token")
    token.write_text("the-token-of-a-pod")
    auth = AzureAuth(
        method="workload_identity",
        tenant_id=DIRECTORY,
        client_id="an-application",
        token_file=token,
        authority=azure.url,
    )
    assert (await read(azure, auth))["client_assertion"] == "the-token-of-a-pod"
    with pytest.raises(ConfigurationError, match="AZURE_FEDERATED_TOKEN_FILE"):
        await AzureSource(
            AzureAccess(url=URL, auth=AzureAuth(method="workload_identity"))
        ).open()


async def test_a_managed_identity_logs_in_at_its_machine(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure.url}/msi")
    monkeypatch.setenv("IDENTITY_HEADER", "the-header-of-the-machine")
    said = await read(azure, AzureAuth(method="managed_identity", client_id="mine"))
    assert said["X-IDENTITY-HEADER"] == "the-header-of-the-machine"


async def test_the_process_is_searched_for_credentials(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = AzureSource(azure.access(AzureAuth()))
    with pytest.raises(ConfigurationError, match="az login"):
        await source.fetch("KEY")
    await source.aclose()
    monkeypatch.setenv("AZURE_TENANT_ID", DIRECTORY)
    monkeypatch.setenv("AZURE_CLIENT_ID", "an-application")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", CLIENT_SECRET)
    said = await read(azure, AzureAuth(authority=azure.url))
    assert said["client_id"] == "an-application"


async def test_a_secret_file_that_is_not_there_is_named() -> None:
    auth = AzureAuth(
        method="client_secret",
        tenant_id=DIRECTORY,
        client_id="mine",
        client_secret_file="/nowhere/at-all",
    )
    source = AzureSource(AzureAccess(url=URL, auth=auth))
    for act in (source.open(), source.fetch("KEY"), source.put("KEY", "x")):
        with pytest.raises(ConfigurationError, match="/nowhere/at-all can't be read"):
            await act
    await source.aclose()
    await AzureSource(AzureAccess(url=URL)).aclose()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"method": "password"}, "azure.auth.method"),
        ({"method": "client_secret"}, "tenant_id and client_id"),
        ({"method": "client_secret"}, "set one of"),
        ({"client_secret": "x"}, "only with"),
    ],
)
def test_a_way_to_log_in_that_cannot_work_is_refused(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        AzureAuth(**given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "http://my-vault.vault.azure.net"}, "azure.url"),
        ({"url": "https://user@my-vault.vault.azure.net"}, "azure.url"),
        ({"url": "https://my-vault.vault.azure.net/secrets/x"}, "azure.url"),
        ({"tenant_url": "https://all.vault.azure.net"}, "azure.tenant_url"),
        ({"tenant_url": "https://all.azure.net/{tenant}"}, "azure.tenant_url"),
    ],
)
def test_an_address_that_is_none_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        AzureAccess(**{"url": URL, **given})


def test_a_tenants_vault_is_called_after_it() -> None:
    source = AzureSource(AzureAccess(url=URL, tenant_url="https://kv-{tenant}.example"))
    assert str(source.for_tenant("acme")) == "the key vault https://kv-acme.example"
    for tenant in ("ACME", "evil.com", "a@b"):
        with pytest.raises(InvalidTenantError):
            source.for_tenant(tenant)
    assert AzureSource(AzureAccess(url=URL)).for_tenant("acme") is None


def settings(azure: Azure, own: dict[str, str] | None = None, **more: Any) -> Any:
    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)
        secrets = ScopedSecrets(backend)

    app = App()
    options = {
        "url": azure.url,
        "auth": {
            "method": "client_secret",
            "tenant_id": DIRECTORY,
            "client_id": "an-application",
            "client_secret": CLIENT_SECRET,
            "token_file": None,
            "authority": azure.url,
        },
        "ca_file": str(azure.ca),
        "verify_resource": False,
        **(own or {}),
    }
    app.config.from_dict({"secrets": {"backend": "azure", "azure": options, **more}})
    return app


async def test_settings_keep_tenants_apart_by_path(azure: Azure) -> None:
    azure.hold("acme-KEY", "the-value-of-acme")
    tenants = {"path": "{tenant}_{ref}", "names": "[a-z0-9]{1,20}"}
    async with lifetime(settings(azure, tenants=tenants)) as secrets:
        async with secrets.tenant("acme") as acme:
            assert await acme.resolve("KEY") == "the-value-of-acme"
        async with secrets.tenant("globex") as globex:
            with pytest.raises(KeyError):
                await globex.resolve("KEY")


async def test_settings_give_each_tenant_its_vault(azure: Azure) -> None:
    azure.hold("KEY", "the-value-of-acme")
    own = {
        "url": f"https://127.0.0.1:{azure.port}",
        "tenant_url": f"https://{{tenant}}:{azure.port}",
    }
    app = settings(azure, own, tenants={"names": "[a-z0-9]{1,20}"})
    async with lifetime(app) as secrets, secrets.tenant("localhost") as tenant:
        assert await app.backend().resolve("KEY") == "the-value-of-acme"
        assert await tenant.resolve("KEY") == "the-value-of-acme"


async def test_tenants_that_a_vault_would_take_for_one_are_refused(
    azure: Azure,
) -> None:
    tenants = {"path": "{tenant}_{ref}", "names": "[A-Za-z0-9]{1,20}"}
    with pytest.raises(ConfigurationError, match=r"tenants.names: .*lower case"):
        async with lifetime(settings(azure, tenants=tenants)):
            pass


@pytest.mark.parametrize("package", ["azure.keyvault", "azure.identity"])
def test_without_a_package_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.delitem(sys.modules, "azure.identity", raising=False)
    monkeypatch.delitem(sys.modules, "azure.keyvault.secrets", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[azure\]"):
        AzureSecrets(URL)


def test_it_shows_its_vault() -> None:
    assert repr(AzureSecrets(URL)) == f"AzureSecrets(the key vault {URL})"
