"""Which server is meant: addresses, and the variables of the environment."""

from typing import Any

import httpx2
import pytest

from secretscope import (
    ConfigurationError,
)
from secretscope.backends.vault import Server, Tls, Token, VaultSecrets
from secretscope.backends.vault._environment import variable
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://vault.example.com:8200", "plain HTTP to vault.example.com"),
        ("http://10.0.0.7", "plain HTTP to 10.0.0.7"),
        ("vault.example.com", "expected an address"),
        ("ftp://vault.example.com", "expected an address"),
        ("https://", "expected an address"),
        ("https://v:port", "expected an address"),
        ("https://v/\r\nX: y", "expected an address"),
        ("https://user:pass@vault.example.com", "more than scheme"),
        ("https://vault.example.com/?x=1", "more than scheme"),
        ("", "is empty"),
        ([7], "expected a text, got int"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: Any, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=r"vault\.url") as caught:
        Server(address)
    assert fault in str(caught.value)
    assert "pass" not in str(caught.value).replace("passes", "")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8200",
        "http://localhost",
        "http://[::1]:8200",
        "https://vault.example.com",
    ],
)
def test_plain_http_stays_on_this_machine(address: str) -> None:
    assert Server(address).addresses == (address,)
    assert Server("http://10.0.0.7", allow_http=True).addresses == ("http://10.0.0.7",)


def test_several_addresses_come_as_a_list_or_with_commas() -> None:
    found = ("https://a.example.com", "https://b.example.com:8200")
    assert (
        Server("https://a.example.com/v1/, https://b.example.com:8200").addresses
        == found
    )
    assert Server(list(found)).name == f"Vault at {', '.join(found)}"


@pytest.mark.parametrize("option", ["timeout", "connect_timeout", "max_bytes"])
def test_a_limit_is_above_nothing(option: str) -> None:
    given: dict[str, Any] = {option: 0}
    with pytest.raises(ConfigurationError, match=rf"vault\.{option}: must be above 0"):
        Server("https://a.example.com", **given)


@pytest.mark.parametrize("prefix", ["VAULT", "BAO"])
def test_the_usual_variables_are_heeded(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    for name, value in {
        "ADDR": "https://env.example.com", "NAMESPACE": "team", "CACERT": "/ca.pem",
        "CAPATH": "/ca", "CLIENT_CERT": "/c.pem", "CLIENT_KEY": "/k.pem",
        "TLS_SERVER_NAME": "vault", "CLIENT_TIMEOUT": "1.5m", "PROXY_ADDR": "http://127.0.0.1:1",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"{prefix}_{name}", value)
    server = Server.from_environment()
    assert server == Server(
        "https://env.example.com",
        namespace="team",
        tls=Tls("/ca.pem", "/ca", "/c.pem", "/k.pem", "vault"),
        timeout=90.0,
        proxy="http://127.0.0.1:1",
    )
    given = Server.from_environment(addresses="https://a.example.com", timeout=3.0)
    assert (given.addresses, given.timeout) == (("https://a.example.com",), 3.0)


def test_openbaos_variables_go_before_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example.com")
    monkeypatch.setenv("BAO_ADDR", "https://bao.example.com")
    assert variable("ADDR") == "https://bao.example.com"
    assert variable("ADDR", {"VAULT_ADDR": "x", "BAO_ADDR": ""}) == "x"


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("30s", 30), ("500ms", 0.5)])
def test_a_timeout_of_the_environment_has_a_unit(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    monkeypatch.setenv("VAULT_CLIENT_TIMEOUT", text)
    assert Server.from_environment(addresses="https://a.example.com").timeout == seconds


def test_what_the_environment_lacks_or_garbles_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ConfigurationError, match="neither BAO_ADDR nor VAULT_ADDR"):
        VaultSecrets()
    monkeypatch.setenv("VAULT_ADDR", "https://a.example.com")
    assert repr(VaultSecrets()) == "VaultSecrets(Vault at https://a.example.com)"
    monkeypatch.setenv("VAULT_CLIENT_TIMEOUT", "soon")
    with pytest.raises(ConfigurationError, match="VAULT_CLIENT_TIMEOUT"):
        VaultSecrets()


async def test_a_client_of_yours_is_used_as_it_is(double: Double) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    async with httpx2.AsyncClient(headers={"x-mine": "1"}) as client:
        server = Server(double.address, client=client)
        store = VaultSecrets(server, auth=Token(double.token))
        assert await store.resolve("key") == "v-1"
        await store.aclose()
        assert not client.is_closed
    assert all(seen.headers.get("x-mine") == "1" for seen in double.seen[1:])
