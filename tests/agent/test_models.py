"""The adapters, with the real SDKs, against a loopback server."""

from typing import Any

import anthropic
import anyio
import openai
import pytest

from secretscope import (
    Agent,
    AnthropicModel,
    AuthenticationError,
    DictSecrets,
    MissingKeyError,
    ModelError,
    NotWarmError,
    OpenAIModel,
    Tuning,
    UnknownModelError,
)
from secretscope.agent import keys_of
from tests.agent.server import serving

KINDS = [
    pytest.param(AnthropicModel, "claude-x", "ANTHROPIC_API_KEY", id="anthropic"),
    pytest.param(OpenAIModel, "gpt-x", "OPENAI_API_KEY", id="openai"),
    pytest.param(OpenAIModel, "deepseek-x", "DEEPSEEK_API_KEY", id="deepseek"),
]
TRAPS = {
    "ANTHROPIC_AUTH_TOKEN": "trap-token-0001",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/trap",
    "ANTHROPIC_CUSTOM_HEADERS": "x-trap: trap-header",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/trap",
    "OPENAI_ORG_ID": "trap-org",
    "OPENAI_PROJECT_ID": "trap-project",
    "OPENAI_CUSTOM_HEADERS": "x-trap: trap-header",
}


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDKs read their files as their first client is made."""


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


@pytest.mark.parametrize(("kind", "name", "ref"), KINDS)
async def test_the_key_is_found_in_the_documented_order(
    kind: Any, name: str, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for trap, value in TRAPS.items():
        monkeypatch.setenv(trap, value)
    good = {"explicit-key-001", "secrets-key-0001", "environ-key-0001"}
    async with serving(good=good) as server:
        secrets = DictSecrets()
        tuning = Tuning(secrets=secrets)
        with pytest.raises(MissingKeyError, match=ref):
            Agent("x", model=kind(name, base_url=server.url), tuning=tuning)
        monkeypatch.setenv(ref, "environ-key-0001")
        agent = Agent("x", model=kind(name, base_url=server.url), tuning=tuning)
        assert (await agent.run("hi")).output == "hello there"
        await secrets.store(ref, "secrets-key-0001")
        await agent.run("hi")
        explicit = kind(name, base_url=server.url, api_key="explicit-key-001")
        await Agent("x", model=explicit, tuning=tuning).run("hi")
        keys = [seen.key for seen in server.seen]
        assert keys == ["environ-key-0001", "secrets-key-0001", "explicit-key-001"]
        assert "trap" not in str(server.seen)


@pytest.mark.parametrize(("kind", "name", "ref"), KINDS)
async def test_a_tool_is_called_and_its_answer_goes_back(
    kind: Any, name: str, ref: str
) -> None:
    async with serving(good={"tool-key-000001"}, tool="weather") as server:
        model = kind(name, base_url=server.url, api_key="tool-key-000001")
        result = await Agent("x", model=model, tools=[weather]).run("weather?")
        assert (result.output, result.turns) == ("hello there", 2)
        assert (result.tokens_in, result.tokens_out) == (10, 6)
        assert "sunny in Rome" in str(server.seen[1].body)


class Rotating:
    """A store whose key is refused until it is refreshed."""

    def __init__(self, fresh: str) -> None:
        self.key = "stale-key-00001"
        self.fresh = fresh
        self.refreshed = 0

    async def resolve(self, ref: str) -> str:
        return self.key

    async def store(self, ref: str, value: str) -> None:
        self.key = value

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return self.key

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        if bad == self.key:
            self.refreshed += 1
            self.key = self.fresh


@pytest.mark.parametrize(("kind", "name", "ref"), KINDS)
async def test_a_refused_key_is_refreshed_once_for_all(
    kind: Any, name: str, ref: str
) -> None:
    async with serving(good={"fresh-key-00001"}) as server:
        secrets = Rotating("fresh-key-00001")
        model = kind(name, base_url=server.url)
        agent = Agent("x", model=model, tuning=Tuning(secrets=secrets))
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(agent.run, "hi")
        assert secrets.refreshed == 1


@pytest.mark.parametrize(("kind", "name", "ref"), KINDS)
async def test_a_key_that_stays_refused_is_one_clear_error(
    kind: Any, name: str, ref: str
) -> None:
    async with serving() as server:
        given = kind(name, base_url=server.url, api_key="refused-key-0001")
        stale = kind(name, base_url=server.url, secrets=Rotating("still-bad-00001"))
        for model in (given, stale):
            with pytest.raises(AuthenticationError, match=ref) as caught:
                await Agent("x", model=model).run("hi")
            assert caught.value.__context__ is None
            assert caught.value.__cause__ is None
        assert len(server.seen) == 3


@pytest.mark.parametrize(("kind", "name", "ref"), KINDS)
async def test_what_fails_in_passing_is_tried_again(
    kind: Any, name: str, ref: str
) -> None:
    script = [(429, {"retry-after": "3600"}), (503, {"retry-after": "soon"})]
    async with serving(good={"retry-key-00001"}, script=script) as server:
        model = kind(name, base_url=server.url, api_key="retry-key-00001")
        agent = Agent("x", model=model, tuning=Tuning(retry_cap=0))
        assert (await agent.run("hi")).output == "hello there"
        server.script = [(400, {})]
        with pytest.raises(ModelError, match="400") as caught:
            await agent.run("hi")
        assert caught.value.status == 400
        assert len(server.seen) == 4


async def test_a_ready_client_is_used_with_the_current_key() -> None:
    async with serving(good={"ready-key-00001"}) as server:
        clients: list[tuple[Any, Any]] = [
            (
                AnthropicModel,
                anthropic.AsyncAnthropic(api_key="x", base_url=server.url),
            ),
            (OpenAIModel, openai.AsyncOpenAI(api_key="x", base_url=server.url)),
        ]
        for kind, client in clients:
            model = kind("m", client=client, api_key="ready-key-00001")
            await Agent("x", model=model).run("hi")
        assert {seen.key for seen in server.seen} == {"ready-key-00001"}


async def test_a_cold_key_is_awaited_at_the_attempt() -> None:
    class Cold(Rotating):
        warm = True

        def lookup_sync(self, ref: str) -> str | None:
            if not self.warm:
                raise NotWarmError(ref, where="Cold")
            return self.key

    async with serving(good={"stale-key-00001"}) as server:
        secrets = Cold("never")
        model = OpenAIModel("gpt-x", base_url=server.url)
        agent = Agent("x", model=model, tuning=Tuning(secrets=secrets))
        secrets.warm = False
        assert (await agent.run("hi")).output == "hello there"
        with pytest.raises(NotWarmError):
            Agent("x", model=model, tuning=Tuning(secrets=secrets))


def test_a_name_picks_its_keys() -> None:
    assert keys_of("o1-mini").required == ("OPENAI_API_KEY",)
    assert keys_of("echo").optional == ("ECHO_API_KEY",)
    with pytest.raises(UnknownModelError, match="deepseek-"):
        keys_of("mistral")
    with pytest.raises(TypeError, match="not int"):
        Agent("x", model=7)  # type: ignore[arg-type]
