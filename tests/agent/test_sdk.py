"""Keys and clients: what is missing, cold, foreign or broken."""

import types
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from secretscope import (
    Agent,
    AnthropicModel,
    DictSecrets,
    EchoModel,
    ExpiredError,
    MissingExtraError,
    MissingSecretError,
    ModelError,
    NotWarmError,
    OpenAIModel,
    Secrets,
    Tuning,
    TurnLimitError,
)
from secretscope.agent import Chunk, DoneEvent, Request, keys_of
from secretscope.agent._key import Key
from secretscope.agent._sdk import keyed, load
from tests.agent.server import serving
from tests.plain import PlainStore

KINDS = [
    pytest.param(AnthropicModel, "claude-x", id="anthropic"),
    pytest.param(OpenAIModel, "gpt-x", id="openai"),
]


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDKs read their files as their first client is made."""


class Four(PlainStore):
    """A store that answers by a script."""

    def __init__(self, *answers: str | Exception | None) -> None:
        self.answers = list(answers)

    def answer(self) -> str | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def resolve(self, ref: str) -> str:
        return self.answer() or ""

    def lookup_sync(self, ref: str) -> str | None:
        return self.answer()


COLD = NotWarmError("ECHO_API_KEY", where="a store")
RUN_OUT = ExpiredError("ECHO_API_KEY", where="a store")
GONE = MissingSecretError("ECHO_API_KEY", where="a store")


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ((None,), "[no key]"),
        ((GONE,), "[no key]"),
        ((COLD, GONE), "[no key]"),
        ((COLD, "cold-key-000001"), "[key "),
        ((RUN_OUT, "late-key-000001"), "[key "),
        (("warm-key-000001",), "[key "),
    ],
)
async def test_the_echo_models_key_is_optional(
    answers: tuple[Any, ...], shown: str
) -> None:
    model = EchoModel(secrets=Four(*answers))
    async with aclosing(model.stream(Request("x", ()), None)) as chunks:
        said = "".join([chunk.text async for chunk in chunks])
    assert said.startswith(shown)


async def test_a_store_without_refresh_is_resolved_again() -> None:
    key = Key("K", "m")
    assert await key.renew(Four("bad", "new", "new"), "bad") == "new"
    assert await key.renew(Four("other", "other"), "bad") == "other"
    assert await key.renew(Four("bad", "bad", "bad"), "bad") is None
    assert await key.renew(None, "bad") is None
    assert "given" not in repr(Key("K", "m", "a-given-key-0001"))


def test_an_sdk_that_is_not_installed_names_its_extra(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingExtraError, match=r"secretscope\[models\]"):
        load("no_such_sdk")
    (tmp_path / "broken_sdk.py").write_text("import no_such_part")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        load("broken_sdk")


def test_a_client_without_options_is_used_as_it_is() -> None:
    client = types.SimpleNamespace()
    assert keyed(client, "key", ours=False) is client


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_temperature_and_earlier_turns_are_sent(kind: Any, name: str) -> None:
    async with serving(good={"warm-key-000001"}) as server:
        model = kind(name, base_url=server.url, api_key="warm-key-000001")
        agent = Agent("x", model=model, tuning=Tuning(temperature=0.5))
        await agent.run("hi")
        assert server.seen[0].body["temperature"] == 0.5


@pytest.mark.parametrize(("kind", "name"), KINDS)
async def test_arguments_that_are_no_json_are_an_error_of_the_model(
    kind: Any, name: str
) -> None:
    async with serving(good={"warm-key-000001"}, tool="weather") as server:
        server.arguments = '{"city": '
        model = kind(name, base_url=server.url, api_key="warm-key-000001")
        agent = Agent("x", model=model, tuning=Tuning(retry_cap=0, retries=1))
        with pytest.raises(ModelError, match="no JSON"):
            await agent.run("hi")
        assert len(server.seen) == 1, "never tried again after the first chunk"


@pytest.mark.parametrize(("kind", "name"), KINDS)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"data: {\n\n", "no JSON object"),
        (b'data: {"error": {"message": "overloaded"}}\n\n', "overloaded"),
        (b'data: {"type": "ping"}\n\n', "broke off"),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_of_the_model(
    kind: Any, name: str, body: bytes, said: str
) -> None:
    async with serving(good={"warm-key-000001"}, body=body) as server:
        model = kind(name, base_url=server.url, api_key="warm-key-000001")
        agent = Agent("x", model=model, tuning=Tuning(retry_cap=0, retries=1))
        with pytest.raises(ModelError, match=said) as caught:
            await agent.run("hi")
        assert caught.value.__context__ is None
        assert len(server.seen) == 2


async def test_a_run_that_never_ends_its_turns_says_so() -> None:
    class Endless:
        name = "endless"

        def check(self, secrets: Secrets | None) -> None:
            return None

        async def stream(
            self, request: Request, secrets: Secrets | None
        ) -> AsyncGenerator[Chunk]:
            yield Chunk(text="more")

    agent = Agent("x", model=Endless(), max_turns=0)
    with pytest.raises(TurnLimitError):
        await agent.run("go")
    assert repr(agent) == "<Agent on endless>"


async def test_a_stream_is_a_block_too() -> None:
    agent = Agent("x", model="echo", tuning=Tuning(secrets=DictSecrets()))
    async with agent.stream("hello") as events:
        kinds = [type(event) async for event in events]
    assert kinds[-1] is DoneEvent
    with anyio.fail_after(5):
        await events.aclose()


def test_keys_of_every_prefix() -> None:
    assert keys_of("claude-x").required == ("ANTHROPIC_API_KEY",)
