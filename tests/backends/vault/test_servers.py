"""Which server is asked: addresses in turn, TLS, redirects, limits, and their settings."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import trustme

from secretscope import (
    ConfigurationError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.vault import Cert, Layout, Server, Tls, Token, VaultSecrets
from secretscope.backends.vault._environment import variable
from secretscope.backends.vault._wire import CONNECTIONS
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Core, Double, Fault, serving
from tests.backends.vault.stores import opened


class Where:
    """Several doubles as one cluster: they share their inside."""

    def __init__(self, *doubles: Double) -> None:
        self.address = ",".join(double.address for double in doubles)
        self.token = doubles[0].token


@pytest.fixture
def nodes() -> Iterator[tuple[Double, Double]]:
    """Two nodes of a cluster: what is written to one is in both."""
    first, second = Core(), Core()
    second.tokens, second.namespaces = first.tokens, first.namespaces
    with serving(first) as one, serving(second) as two:
        Admin(one.address, first.root).write("secret", "key", value="v-1")
        one.token = two.token = first.root
        one.seen.clear()
        yield one, two


# --- failover ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503), Fault(status=501), Fault(status=502), Fault(reset=True),
        Fault(cut=30), Fault(status=500),
    ],
    ids=["sealed", "not-initialised", "gateway", "reset", "truncated", "faulty"],
)  # fmt: skip
async def test_the_next_address_is_asked_where_one_fails(
    nodes: tuple[Double, Double], fault: Fault
) -> None:
    one, two = nodes
    fault.times = 0
    one.core.faults[:] = [fault]
    async with opened(Where(one, two), Layout(kv_version=2)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
        tried = len(one.seen)
        assert (await source.fetch("key")).reveal() == "v-1"
        assert len(one.seen) == tried  # the one that answered is asked first
        assert source.health() == "ok"


async def test_an_address_where_nobody_listens_is_left_for_the_next(
    nodes: tuple[Double, Double],
) -> None:
    class Gone:
        address = f"http://127.0.0.1:9,{nodes[1].address}"
        token = nodes[1].token

    async with opened(Gone()) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_where_no_address_answers_the_last_ones_reason_is_told(
    nodes: tuple[Double, Double],
) -> None:
    for node in nodes:
        node.core.sealed = True
    async with opened(Where(*nodes)) as source:
        with pytest.raises(StoreUnavailableError, match="sealed"):
            await source.fetch("key")
        assert "sealed" in source.health()
        for node in nodes:
            node.core.sealed = False
        await source.fetch("key")
        assert source.health() == "ok"


async def test_what_may_have_been_done_is_not_done_twice(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    async with opened(Where(one, two), Layout(kv_version=2)) as source:
        await source.open()
        one.core.faults.append(Fault("data/key", "POST", reset=True))
        with pytest.raises(StoreUnavailableError, match="broke off"):
            await source.put("key", "v-2")
    assert not any(seen.method == "POST" for seen in two.seen)


async def test_a_standbys_redirect_is_followed_to_an_address_of_ours_alone(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    one.core.standby = two.address
    async with opened(Where(one, two)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
    with serving() as stranger:
        one.core.standby = stranger.address
        async with opened(one) as source:
            with pytest.raises(StoreUnavailableError, match=r"vault\.addresses"):
                await source.fetch("key")
        one.core.standby = "http://[broken"
        async with opened(one) as source:
            with pytest.raises(StoreUnavailableError):
                await source.fetch("key")
        assert stranger.seen == []


async def test_a_redirect_to_a_third_node_goes_before_the_second(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    with serving() as between:
        one.core.standby = two.address
        async with opened(Where(one, between, two)) as source:
            assert (await source.fetch("key")).reveal() == "v-1"
        assert between.seen == []


# --- patience ------------------------------------------------------------------------


async def test_a_412_is_asked_again_a_few_times(double: Double) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    double.core.faults.append(Fault("data/key", status=412, times=3))
    async with opened(double) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
        double.core.faults.append(Fault("data/key", status=412, times=0))
        double.seen.clear()
        with pytest.raises(StoreUnavailableError, match="caught up"):
            await source.fetch("key")
    assert len([p for p in double.paths() if "data/key" in p]) == 5


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({}, None, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
        ({"retry-after": "Wed, 21 Oct 2130 07:28:00 GMT"}, 10**9, 10**10),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "-3"}, 0, 0),
    ],
)
async def test_a_429_carries_what_the_server_asks_for(
    double: Double, said: dict[str, str], least: float | None, most: float | None
) -> None:
    double.core.faults.append(Fault("data/key", status=429, headers=said))
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError) as caught:
            await source.fetch("key")
        assert source.health() == "it limits how often it may be asked"
    found = caught.value.retry_after
    assert found is least if least is None else least <= (found or 0) <= (most or 0)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ValueError), (401, PermissionError), (403, PermissionError),
        (404, KeyError), (405, ValueError), (418, ConnectionError),
        (429, ConnectionError), (472, ConnectionError), (473, ConnectionError),
        (500, ConnectionError), (501, ConnectionError), (502, ConnectionError),
        (503, ConnectionError), (301, ConnectionError), (200, ConnectionError),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", [1, 2])
async def test_each_status_has_its_error(
    double: Double, status: int, error: type[Exception], version: int
) -> None:
    double.core.faults.append(Fault("key", status=status))
    async with opened(double, Layout(kv_version=version)) as source:
        with pytest.raises(error) as caught:
            await source.fetch("key")
    assert "key" in str(caught.value)
    assert "scripted" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": 7}',
        b'{"data": {"data": 7}}',
        b"\xff\xfe",
        b"{",
    ],
)
async def test_a_body_that_is_not_vaults_is_an_outage_not_a_value(
    double: Double, body: bytes
) -> None:
    double.core.faults.append(Fault("data/key", status=200, body=body, times=0))
    async with opened(double, Layout(kv_version=2)) as source:
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.fetch("key")
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.put("key", "v")


@pytest.mark.parametrize("fault", [Fault("data", reset=True), Fault("data", cut=10)])
async def test_a_connection_that_breaks_is_an_outage(
    double: Double, fault: Fault
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    fault.times = 1
    double.core.faults[:] = [fault]
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError, match="broke off"):
            await source.fetch("key")
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_a_server_that_hangs_is_given_up(double: Double) -> None:
    double.core.faults.append(Fault("data/key", hang=True, times=0))
    async with opened(double, timeout=0.05) as source:
        with pytest.raises(StoreTimeoutError, match=r"0\.05 s"):
            await source.fetch("key")


async def test_waiting_for_a_turn_does_not_count_as_the_servers_time(
    double: Double,
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    double.core.faults.append(Fault("data/slow", hang=True, times=0))
    async with opened(double, Layout(kv_version=2), timeout=0.5) as source:
        await source.open()

        async def slow() -> None:
            with pytest.raises(StoreTimeoutError):
                await source.fetch("slow")

        async with anyio.create_task_group() as group:
            for _ in range(CONNECTIONS):
                group.start_soon(slow)
            await anyio.wait_all_tasks_blocked()
            assert (await source.fetch("key")).reveal() == "v-1"


@pytest.mark.parametrize("size", [5000, 900_000])
async def test_an_answer_that_is_too_large_is_not_read(
    double: Double, size: int
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="x" * size)
    async with opened(double, max_bytes=4000) as source:
        with pytest.raises(StoreUnavailableError, match="larger than 4000 bytes"):
            await source.fetch("key")


async def test_no_cookie_is_kept_between_requests(double: Double) -> None:
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="v-1")
    double.core.faults.append(
        Fault("data/key", status=500, headers={"set-cookie": "session=acme; Path=/"})
    )
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError):
            await source.fetch("key")
        await source.fetch("key")
    assert not any("cookie" in seen.headers for seen in double.seen)


async def test_the_server_is_asked_how_it_is(double: Double) -> None:
    async with opened(double) as source:
        for change, said in (
            ({}, "ok"),
            ({"standby": "http://127.0.0.1:1"}, "ok"),
            ({"sealed": True}, "it is sealed"),
            ({"initialised": False}, "it has not been initialised"),
        ):
            for name, value in change.items():
                setattr(double.core, name, value)
            assert await source.probe() == source.health() == said
            double.core.sealed, double.core.standby = False, None
            double.core.initialised = True
        double.core.faults.append(Fault("sys/health", status=418))
        assert (
            await source.probe() == "it answered with status 418 when asked how it is"
        )


# --- TLS -----------------------------------------------------------------------------


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


# --- addresses, and the environment --------------------------------------------------


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
