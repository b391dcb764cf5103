"""Declared needs: whose they are, and one error for all that can't be had."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    ConfigurationError,
    MissingSecretError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    StoreUnavailableError,
    WarmUpError,
    lifetime,
    needs,
)
from secretscope.agent import AnthropicModel, EchoModel
from tests.providers.value_app import (
    App,
    settings,
)


class Down:
    def __init__(self, missing: tuple[str, ...] = ()) -> None:
        self.closed = 0

    async def fetch(self, location: str) -> Secret:
        if location.startswith("DOWN"):
            raise StoreUnavailableError("down", ref=location)
        if location.startswith("GONE"):
            raise MissingSecretError(location, where="down")
        return Secret("there-is-one-001")


async def test_one_error_names_all_that_is_missing_or_failed() -> None:
    class Needy(containers.DeclarativeContainer):
        backend = SecretsBackend(Down)
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), *[f"OK{n}" for n in range(15)], *[f"GONE{n}" for n in range(4)], "DOWN",
                      optional=["GONE_OPTIONAL"])  # fmt: skip

    seen: list[tuple[int, int]] = []
    app = Needy()
    with pytest.raises(WarmUpError) as caught:
        await lifetime(
            app, on_progress=lambda d, t, r: seen.append((d, t))
        ).__aenter__()
    assert caught.value.refs == ("GONE0", "GONE1", "GONE2", "GONE3", "DOWN")
    assert "Needy.thing" in str(caught.value)
    assert "there-is-one" not in str(caught.value)
    assert set(caught.value.causes) == set(caught.value.refs)
    assert seen[-1] == (21, 21)
    assert app.secrets().scope is None
    async with lifetime(app, needs=[app.secrets]):
        pass


async def test_an_agents_key_may_be_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class WithAgent(App):
        agent = AgentFactory(Agent, "x", model=App.config.model, tuning=App.tuning)

    app = WithAgent(config={**settings(), "model": "claude-opus-4-7"})
    with pytest.raises(
        WarmUpError, match="ANTHROPIC_API_KEY.*WithAgent.agent, looked for in "
    ):
        await lifetime(app).__aenter__()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "environment-key-1")
    async with lifetime(app):
        assert "claude-opus-4-7" in repr(app.agent())
    app.config.from_dict({"secrets": {"env_fallback": False}})
    with pytest.raises(WarmUpError):
        await lifetime(app).__aenter__()


async def test_a_model_that_is_not_configured_is_named() -> None:
    class WithAgent(App):
        agent = AgentFactory(Agent, "x", model=App.config.model, tuning=App.tuning)

    with pytest.raises(ConfigurationError, match="model"):
        await lifetime(WithAgent(config=settings())).__aenter__()
    with pytest.raises(ConfigurationError, match="no adapter knows"):
        await lifetime(WithAgent(config={**settings(), "model": "nope"})).__aenter__()


async def test_a_model_with_a_key_of_its_own_needs_none() -> None:
    class WithModels(App):
        given = AgentFactory(
            Agent, "x", model=providers.Factory(AnthropicModel, "claude-x", api_key="given-key-00001"),
            tuning=App.tuning)  # fmt: skip
        made = AgentFactory(
            Agent, "x", model=providers.Factory(EchoModel), tuning=App.tuning
        )
        instance = AgentFactory(Agent, "x", model=EchoModel(), tuning=App.tuning)
        reading: Any = providers.Object(None)

    app = WithModels(config=settings())
    async with lifetime(app):
        assert "claude-x" in repr(app.given())
        assert (await app.instance().run("a")).output == "[no key] a"


async def test_a_needed_adapter_declares_its_key() -> None:
    class WithModel(App):
        agent = AgentFactory(
            Agent,
            "x",
            model=providers.Factory(AnthropicModel, "claude-x"),
            tuning=App.tuning,
        )

    with pytest.raises(WarmUpError, match="ANTHROPIC_API_KEY"):
        await lifetime(WithModel(config=settings())).__aenter__()
