"""How Google Cloud is reached: settings, credentials, tenants' projects."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    InvalidTenantError,
    MissingExtraError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.backends.gcp import GcpAccess, GcpSecrets, GcpSource
from secretscope.backends.gcp._clients import Clients
from secretscope.redaction import redact
from tests.backends.gcp.server import Cloud


@pytest.fixture(scope="module")
def key() -> str:
    """The key of a service account, as Google hands it out."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "private_key": pem.decode(),
            "client_email": "reader@my-project.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
    )


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@contextmanager
def client(access: GcpAccess, region: str | None = None) -> Iterator[Any]:
    clients = Clients(access)
    try:
        yield clients.client(region)
    finally:
        clients.close()


def test_a_service_accounts_key_is_read_from_a_file_or_a_text(
    key: str, tmp_path: Path
) -> None:
    (tmp_path / "key.json").write_text(key)
    for access in (
        GcpAccess(project="my-project", credentials_json=key),
        GcpAccess(project="my-project", credentials_file=tmp_path / "key.json"),
    ):
        with client(access) as made:
            credentials = made.transport._credentials
            assert credentials.service_account_email.startswith("reader@")
        assert "PRIVATE KEY" not in repr(access)
        assert redact(key) == "[REDACTED]"


def test_a_region_has_its_endpoint(key: str) -> None:
    access = GcpAccess(project="my-project", credentials_json=key)
    for region, host in (
        (None, "secretmanager.googleapis.com:443"),
        ("europe-west3", "secretmanager.europe-west3.rep.googleapis.com:443"),
    ):
        with client(access, region) as made:
            assert made.transport.host == host
    own = GcpAccess(project="my-project", credentials_json=key, endpoint="proxy:8443")
    with client(own, "europe-west3") as made:
        assert made.transport.host == "proxy:8443"


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"type": "service_account", "private_key": "trap-text"}']
)
async def test_a_key_that_is_none_is_told_without_its_text(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "key.json").write_text(text)
    for access in (
        GcpAccess(project="my-project", credentials_json=text),
        GcpAccess(project="my-project", credentials_file=tmp_path / "key.json"),
    ):
        with pytest.raises(ConfigurationError, match="no key of a service") as caught:
            await GcpSource(access).open()
        assert "trap-text" not in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None
    with pytest.raises(ConfigurationError, match="can't be read"):
        await GcpSource(
            GcpAccess(project="my-project", credentials_file=tmp_path / "nowhere")
        ).open()


async def test_without_credentials_the_cure_is_named() -> None:
    source = GcpSource(GcpAccess(project="my-project"))
    for act in (source.open(), source.fetch("KEY"), source.put("KEY", "x")):
        with pytest.raises(ConfigurationError, match="application-default login"):
            await act
    await GcpSource(GcpAccess(project="my-project")).aclose()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"project": "My Project"}, "gcp.project"),
        ({"location": "Frankfurt"}, "gcp.location"),
        ({"tenant_project": "all-in-one"}, "gcp.tenant_project"),
        ({"credentials_file": "a", "credentials_json": "b"}, "set one"),
        ({"insecure": True}, "gcp.insecure"),
    ],
)
def test_access_that_cannot_work_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        GcpAccess(**{"project": "my-project", **given})


async def test_a_refused_login_is_tried_anew_with_a_new_client(cloud: Cloud) -> None:
    source = GcpSource(cloud.access())
    cloud.hold("KEY", "first-value")
    cloud.fails = [("UNAUTHENTICATED", "")]
    with pytest.raises(PermissionError):
        await source.fetch("KEY")
    assert (await source.fetch("KEY")).reveal() == "first-value"
    await source.aclose()


async def test_settings_give_each_tenant_its_project(cloud: Cloud) -> None:
    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)
        secrets = ScopedSecrets(backend)

    app = App()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "gcp",
                "gcp": {
                    "project": "my-project",
                    "tenant_project": "customer-{tenant}",
                    "endpoint": f"127.0.0.1:{cloud.port}",
                    "insecure": True,
                },
                "tenants": {"names": "[a-z0-9-]{1,30}"},
            }
        }
    )
    cloud.hold("KEY", "the-platforms-value")
    cloud.hold("KEY", "the-value-of-acme", parent="projects/customer-acme")
    async with lifetime(app) as secrets:
        assert await app.backend().resolve("KEY") == "the-platforms-value"
        async with secrets.tenant("acme") as acme:
            assert await acme.resolve("KEY") == "the-value-of-acme"
        async with secrets.tenant("globex") as globex:
            with pytest.raises(KeyError):
                await globex.resolve("KEY")


def test_a_tenant_that_no_project_can_be_called_after_is_refused() -> None:
    source = GcpSource(GcpAccess(project="my-project", tenant_project="c-{tenant}"))
    with pytest.raises(InvalidTenantError):
        source.for_tenant("A_b")
    assert GcpSource(GcpAccess(project="my-project")).for_tenant("acme") is None


@pytest.mark.parametrize("package", ["google.cloud.secretmanager_v1", "google.cloud"])
def test_without_the_package_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.delitem(sys.modules, "google.cloud.secretmanager_v1", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[gcp\]"):
        GcpSecrets("my-project")


def test_it_shows_its_project() -> None:
    assert repr(GcpSecrets("my-project")) == (
        "GcpSecrets(Google Cloud's project my-project)"
    )
