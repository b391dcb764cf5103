"""Live keys: each request of another library's client carries the key that is current."""

import importlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx2
import pytest
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    DictSecrets,
    MissingExtraError,
    MissingSecretError,
    NotWarmError,
    ScopedSecrets,
    Secret,
    SecretGetter,
    SecretsBackend,
    lifetime,
)
from secretscope.integrations import live_keys
from secretscope.integrations.live_keys import (
    SecretAuth,
    anthropic_client,
    openai_client,
)
from tests.agent.server import Server, serving
from tests.plain import PlainStore

ACME, GLOBEX, NEW = "acme-live-key-0001", "globex-live-key-01", "acme-live-key-0002"
TRAP = "trap-of-the-environment"
STORE = {
    f"t/{tenant}/{ref}": value
    for tenant, value in (("acme", ACME), ("globex", GLOBEX))
    for ref in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
}
ASKED: dict[str, Any] = {
    "model": "x",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hello"}],
    "stream": True,
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    getter: Any = SecretGetter(secrets, "OPENAI_API_KEY")
    optional: Any = SecretGetter(secrets, "NOTHING", default=None)
    required: Any = SecretGetter(secrets, "NOTHING_TOO")
    shared: Any = providers.Singleton(dict, api_key=getter)


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDKs read their files as their first client is made."""


@pytest.fixture(autouse=True)
def traps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
    ):  # fmt: skip
        monkeypatch.setenv(name, TRAP)


@pytest.fixture
def app() -> Any:
    settings = {
        "backend": "dict",
        "dict": STORE,
        "tenants": {"path": "t/{tenant}/{ref}"},
    }
    return App(config={"secrets": settings})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(good={ACME, GLOBEX, NEW}) as server:
        yield server


async def ask(client: Any) -> None:
    """Send one request with either SDK."""
    chat = getattr(client, "chat", None)
    create = client.messages.create if chat is None else chat.completions.create
    stream = await create(**ASKED)
    await stream.close()


@pytest.mark.parametrize("make", [openai_client, anthropic_client])
async def test_a_shared_client_sends_each_tasks_own_key(
    make: Any, app: Any, server: Server
) -> None:
    async with lifetime(app, needs=[]) as secrets:
        client = make(app.secrets(), base_url=server.url, max_retries=0)

        async def serve(tenant: str) -> None:
            async with secrets.tenant(tenant):
                for _ in range(5):
                    await ask(client)

        async with anyio.create_task_group() as group:
            group.start_soon(serve, "acme")
            group.start_soon(serve, "globex")
        async with secrets.tenant("acme") as acme:
            await acme.store(_ref(make), NEW)
            await ask(client)
            with secrets.override({_ref(make): GLOBEX}):
                await ask(client)
        await client.close()
    keys = [seen.key for seen in server.seen]
    assert sorted(keys[:10]) == [ACME] * 5 + [GLOBEX] * 5
    assert keys[10:] == [NEW, GLOBEX]
    for seen in server.seen:
        assert TRAP not in str(seen.headers)
        assert "secretscope" not in str(seen.headers)


def _ref(make: Any) -> str:
    return "OPENAI_API_KEY" if make is openai_client else "ANTHROPIC_API_KEY"


async def test_a_missing_key_fails_before_any_request(app: Any, server: Server) -> None:
    async with lifetime(app, needs=[]) as secrets, secrets.tenant("initech"):
        client = openai_client(app.secrets(), base_url=server.url, max_retries=0)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the SDK's choice
            await ask(client)
        await client.close()
    causes = [caught.value, caught.value.__cause__]
    assert any(isinstance(each, MissingSecretError) for each in causes)
    assert server.seen == []


class Rotated(DictSecrets):
    """A store whose key is a new one once somebody asks for a refresh."""

    refreshed = 0

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        self.refreshed += 1
        await self.store(ref, NEW)


class Plain(PlainStore):
    """A store of one's own, without any further talent."""

    async def resolve(self, ref: str) -> str:
        return "an-old-live-key-01"

    def lookup_sync(self, ref: str) -> str | None:
        raise NotWarmError(ref, where="here")


async def test_a_plain_store_is_asked_once_more(server: Server) -> None:
    async with httpx2.AsyncClient(auth=SecretAuth(Plain(), "KEY")) as client:
        answer = await client.post(server.url, json=ASKED)
    assert answer.status_code == 401
    assert len(server.seen) == 1


async def test_a_refused_key_is_refreshed_once(server: Server) -> None:
    store = Rotated({"KEY": "an-old-live-key-01"})
    async with httpx2.AsyncClient(auth=SecretAuth(store, "KEY")) as client:
        answer = await client.post(server.url, json=ASKED)
    assert answer.status_code == 200
    assert [seen.key for seen in server.seen] == ["an-old-live-key-01", NEW]
    assert store.refreshed == 1


async def test_a_key_that_stays_the_same_is_not_sent_twice(server: Server) -> None:
    store = DictSecrets({"KEY": "an-old-live-key-01"})
    async with httpx2.AsyncClient(auth=SecretAuth(store, "KEY")) as client:
        answer = await client.post(server.url, json=ASKED)
    assert answer.status_code == 401
    assert len(server.seen) == 1


async def test_a_body_that_can_be_sent_once_is_not_sent_twice(server: Server) -> None:
    store = Rotated({"KEY": "an-old-live-key-01"})

    async def body() -> AsyncIterator[bytes]:
        yield b"{}"

    async with httpx2.AsyncClient(auth=SecretAuth(store, "KEY")) as client:
        answer = await client.post(
            server.url, content=body(), headers={"content-length": "2"}
        )
    assert answer.status_code == 401
    assert store.refreshed == 0


async def test_the_value_goes_where_it_is_told_to(server: Server) -> None:
    store = DictSecrets({"KEY": ACME})
    auth = SecretAuth(store, "KEY", header="X-Api-Key", scheme="")
    async with httpx2.AsyncClient(auth=auth) as client:
        await client.post(server.url, json=ASKED)
    assert server.seen[0].headers["x-api-key"] == ACME
    assert "authorization" not in server.seen[0].headers
    assert repr(auth) == "<SecretAuth KEY>"


class Source:
    async def fetch(self, location: str) -> Secret:
        return Secret(ACME)


async def test_a_getter_fetches_what_is_cold() -> None:
    assert await SecretGetter(CachedSecrets(Source()), "KEY")()() == ACME


async def test_what_is_cold_is_fetched(server: Server) -> None:
    auth = SecretAuth(CachedSecrets(Source()), "KEY")
    async with httpx2.AsyncClient(auth=auth) as client:
        assert (await client.post(server.url, json=ASKED)).status_code == 200


def test_a_sync_client_is_refused() -> None:
    auth = SecretAuth(DictSecrets({"KEY": ACME}), "KEY")
    with (
        httpx2.Client(auth=auth) as client,
        pytest.raises(RuntimeError, match=r"httpx2\.AsyncClient"),
    ):
        client.get("http://127.0.0.1:9/")


# --- a bound async function ----------------------------------------------------------


async def test_a_getter_reads_in_the_task_that_calls_it(app: Any) -> None:
    async with lifetime(app, needs=[]) as secrets:
        read = app.getter()
        async with secrets.tenant("acme"):
            assert await read() == ACME
            with secrets.override(OPENAI_API_KEY=NEW):
                assert await read() == NEW
        async with secrets.tenant("globex"):
            assert await read() == GLOBEX
            assert await app.optional()() is None
            with pytest.raises(MissingSecretError):
                await app.required()()


async def test_a_singleton_may_hold_a_getter_for_all_tenants(app: Any) -> None:
    async with lifetime(app, needs=[]) as secrets:
        read = app.shared()["api_key"]
        for tenant, key in (("acme", ACME), ("globex", GLOBEX)):
            async with secrets.tenant(tenant):
                assert await read() == key


async def test_a_getter_declares_its_need_and_can_be_overridden(app: Any) -> None:
    assert app.getter.needs() == (("OPENAI_API_KEY",), ())
    with app.getter.override(providers.Object("fake")):
        assert app.getter() == "fake"


def test_without_httpx2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[http\]"):
        importlib.reload(live_keys)
    monkeypatch.undo()
    importlib.reload(live_keys)
