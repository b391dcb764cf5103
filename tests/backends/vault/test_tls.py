"""Certificates: whom we trust, and what we show."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from secretscope import (
    ConfigurationError,
    StoreUnavailableError,
)
from secretscope.backends.vault import Cert, Tls
from tests.backends.vault.double import Core, Double, serving
from tests.backends.vault.stores import opened


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Double]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "vault.test").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    with serving(tls=context) as double:
        yield double


async def test_a_ca_file_is_trusted_and_nobody_else(
    secure: Double, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = Tls(ca_file=tmp_path / "ca.pem", server_name="vault.test")
    async with opened(secure, tls=tls) as source:
        await source.open()
    async with opened(secure) as source:
        with pytest.raises(StoreUnavailableError, match=r"vault\.tls\.ca_file"):
            await source.open()
    wrong = Tls(ca_file=tmp_path / "ca.pem", server_name="other.test")
    async with opened(secure, tls=wrong) as source:
        with pytest.raises(StoreUnavailableError):
            await source.open()


async def test_a_client_certificate_logs_in(
    secure: Double, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    mine = authority.issue_cert("app.example.com")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "app.pem")
    cert = mine.cert_chain_pems[0].bytes().decode()
    core = secure.core
    with core.lock:
        core.namespaces[""].logins["cert"] = login = _cert(core)
        login.roles["app"] = {"certificate": cert, "token_policies": ["root"]}
    tls = Tls(ca_file=tmp_path / "ca.pem", cert_file=tmp_path / "app.pem")
    for auth in (Cert(), Cert("app")):
        async with opened(secure, auth=auth, tls=tls) as source:
            await source.open()
    async with opened(secure, auth=Cert("other"), tls=tls) as source:
        with pytest.raises(PermissionError, match="cert login"):
            await source.open()
    async with opened(secure, auth=Cert(), tls=Tls(tmp_path / "ca.pem")) as source:
        with pytest.raises(ConfigurationError, match=r"vault\.tls\.cert_file"):
            await source.open()


def _cert(core: Core) -> Any:
    from tests.backends.vault.double import logins  # noqa: PLC0415

    return logins.KINDS["cert"](core, "cert")


@pytest.mark.parametrize(
    ("tls", "option"),
    [
        (Tls(ca_file="absent.pem"), "vault.tls.ca_file: can't be read"),
        (Tls(ca_file="empty.pem"), "vault.tls.ca_file: holds no certificate"),
        (Tls(cert_file="absent.pem"), "vault.tls.cert_file: can't be read"),
        (Tls(cert_file="empty.pem"), "vault.tls.cert_file: holds no certificate"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told_with_its_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: Tls, option: str
) -> None:
    (tmp_path / "empty.pem").write_text("nothing here")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=option):
        tls.context()


def test_a_folder_of_authorities_may_be_trusted(tmp_path: Path) -> None:
    assert Tls(ca_path=tmp_path).context().verify_mode is ssl.CERT_REQUIRED
