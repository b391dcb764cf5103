"""Clients that somebody has already: hvac's, httpx2's, or one with read and write."""

import builtins
import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import hvac  # type: ignore[import-untyped]  # it has no types
import pytest

from secretscope import (
    ConfigurationError,
    DeletedSecretError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.vault import (
    ClientSource,
    Layout,
    Server,
    Tenants,
    Token,
    VaultSecrets,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault, serving


@pytest.fixture
def client(double: Double) -> Iterator[Any]:
    made = hvac.Client(double.address, token=double.token)
    yield made
    made.adapter.close()


async def test_hvac_tells_the_three_kinds_of_gone_and_retry_after(
    double: Double, double_admin: Admin, client: Any
) -> None:
    double_admin.write("secret", "gone", value="v-1")
    double_admin.ask("DELETE", "secret/data/gone")
    store = VaultSecrets(client)
    with pytest.raises(DeletedSecretError):
        await store.resolve("gone")
    with pytest.raises(MissingSecretError):
        await store.resolve("absent")
    double.core.faults.append(Fault("other", status=429, headers={"retry-after": "7"}))
    with pytest.raises(StoreUnavailableError) as caught:
        await store.resolve("other")
    assert caught.value.retry_after == 7
    await store.aclose()


async def test_hvac_follows_no_redirect_and_shares_no_token(
    double: Double, double_admin: Admin, client: Any
) -> None:
    double_admin.write("secret", "KEY", value="v-1")
    policy = double_admin.policy({"secret/data/*": ["read"]})
    own = double_admin.new_token("default", policy)
    server = Server(double.address, client=client, namespace="")
    store = VaultSecrets(
        server, auth=Token(double.token), tenants=Tenants(auth=lambda _: Token(own))
    )
    tenant = store.for_tenant("acme")
    assert tenant is not None
    assert await tenant.resolve("KEY") == "v-1"
    assert await store.resolve("KEY") == "v-1"
    reads = [seen.token for seen in double.seen if "data/KEY" in seen.path][-2:]
    assert reads == [own, double.token]
    assert client.token == double.token
    with serving() as stranger:
        double.core.standby = stranger.address
        with pytest.raises(StoreUnavailableError, match=r"vault\.addresses"):
            await store.resolve("other")
        assert stranger.seen == []
    double.core.standby = None
    await store.aclose()


async def test_hvac_reads_in_the_namespace_that_is_meant(
    double: Double, double_admin: Admin, client: Any
) -> None:
    double_admin.ask("POST", "sys/namespaces/team", {})
    there = Admin(double.address, double.token, "team")
    there.mount(2, "secret")
    there.write("secret", "KEY", value="team-1")
    store = VaultSecrets(client)
    assert await store.namespaced("team").resolve("KEY") == "team-1"
    await store.aclose()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("KEY", reset=True), StoreUnavailableError),
        (Fault("KEY", hang=True), StoreTimeoutError),
        (Fault("KEY", cut=20), StoreUnavailableError),
    ],
    ids=["reset", "hang", "cut"],
)
async def test_hvacs_failures_are_outages(
    double: Double, client: Any, fault: Fault, error: type[Exception]
) -> None:
    fault.times = 1
    double.core.faults[:] = [fault]
    server = Server(double.address, client=client, timeout=1.0)
    store = VaultSecrets(server, layout=Layout(kv_version=2))
    with pytest.raises(error):
        await store.resolve("KEY")
    await store.aclose()


async def test_hvac_at_an_address_where_nobody_listens_is_an_outage() -> None:
    client = hvac.Client("http://127.0.0.1:9", token="t")
    store = VaultSecrets(client)
    with pytest.raises(StoreUnavailableError, match="could not be reached"):
        await store.resolve("KEY")
    client.adapter.close()


def test_hvac_over_plain_http_to_another_machine_is_refused() -> None:
    client = hvac.Client("http://vault.example.com:8200", token="t")
    with pytest.raises(ConfigurationError, match="plain HTTP"):
        VaultSecrets(client)
    server = Server("http://vault.example.com:8200", client=client, allow_http=True)
    assert "vault.example.com" in repr(VaultSecrets(server))
    client.adapter.close()


async def test_an_httpx2_client_needs_a_base_url() -> None:
    async with httpx2.AsyncClient() as client:
        with pytest.raises(ConfigurationError, match="base_url"):
            VaultSecrets(client)


async def test_a_client_that_logs_in_by_itself_is_not_logged_in_again(
    double: Double, double_admin: Admin
) -> None:
    double_admin.write("secret", "KEY", value="v-1")
    headers = {"X-Vault-Token": "dead"}
    async with httpx2.AsyncClient(base_url=double.address, headers=headers) as client:
        store = VaultSecrets(client)
        await store.open()
        with pytest.raises(PermissionError):
            await store.resolve("KEY")
        client.headers["X-Vault-Token"] = double.token
        assert await store.resolve("KEY") == "v-1"
        assert store.health() == "ok"
        await store.aclose()


@pytest.mark.parametrize("client", [7, object(), [1], ["https://a.example.com", 7]])
def test_what_is_no_client_is_refused(client: object) -> None:
    with pytest.raises(ConfigurationError, match="client: "):
        VaultSecrets(client)


def test_several_addresses_may_be_given() -> None:
    store = VaultSecrets(["https://a.example.com", "https://b.example.com"])
    assert "a.example.com, https://b.example.com" in repr(store)


# --- read and write ------------------------------------------------------------------


class Client:
    """A client whose answers a test sets."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.written: dict[str, Any] = {}

    async def read(self, path: str) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def write(self, path: str, **data: Any) -> None:
        self.written = {"path": path, **data}


async def test_the_fields_are_what_read_answers() -> None:
    client = Client()
    source = ClientSource(client, "prod/jeeves")
    client.answer = {"value": "v-1", "port": 1}
    secret = await source.fetch("KEY")
    assert (secret.reveal(), secret.reveal("port")) == ("v-1", "1")
    await source.put("KEY", "v-2")
    assert client.written == {"path": "prod/jeeves/KEY", "value": "v-2", "port": 1}
    await source.put("KEY", "p-2", field="port")
    assert client.written["port"] == "p-2"
    client.answer = {"a": "1", "b": "2"}
    with pytest.raises(MalformedSecretError, match="a, b"):
        await source.put("KEY", "v")
    assert repr(source) == "<ClientSource the client Client>"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, MissingSecretError),
        (KeyError("x"), MissingSecretError),
        ("text", MalformedSecretError),
        (RuntimeError("a-secret"), StoreUnavailableError),
        (MissingSecretError("KEY", where="x"), MissingSecretError),
        (StoreTimeoutError("x", seconds=1), StoreTimeoutError),
    ],
)
async def test_what_read_raises_becomes_an_error_of_ours(
    answer: object, error: type[Exception]
) -> None:
    client = Client()
    client.answer = answer
    with pytest.raises(error) as caught:
        await ClientSource(client).fetch("KEY")
    assert "a-secret" not in f"{caught.value!r}{caught.value.__context__!r}"


async def test_a_function_that_gives_an_awaitable_is_awaited() -> None:
    inner = Client()
    inner.answer = {"value": "v-1"}

    class Wrapped:
        def read(self, path: str) -> Any:
            return inner.read(path)

        def write(self, path: str, **data: Any) -> Any:
            return inner.write(path, **data)

    source = ClientSource(Wrapped())
    assert (await source.fetch("KEY")).reveal() == "v-1"
    await source.put("KEY", "v-2")
    assert inner.written["value"] == "v-2"


@pytest.mark.parametrize("more", [{"auth": Token("t")}, {"tenants": Tenants()}])
def test_a_client_with_read_and_write_takes_no_login(more: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="auth and tenants"):
        VaultSecrets(Client(), **more)


@pytest.mark.parametrize("name", ["httpx2", "a_part_of_it"])
def test_httpx2_is_asked_for_by_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(wanted: str, *args: Any) -> Any:
        if wanted == "httpx2":
            raise ModuleNotFoundError(name=name)
        return real(wanted, *args)

    module = "secretscope.backends.vault._httpx"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    kind = MissingExtraError if name == "httpx2" else ModuleNotFoundError
    with pytest.raises(kind) as caught:
        importlib.import_module(module)
    if name == "httpx2":
        assert "secretscope[vault]" in str(caught.value)
