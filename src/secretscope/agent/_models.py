"""Which adapter a model's name picks, and which keys it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from secretscope.agent._anthropic import AnthropicModel
from secretscope.agent._echo import EchoModel
from secretscope.agent._messages import KeyNeeds, Model
from secretscope.agent._openai import OpenAIModel
from secretscope.errors import UnknownModelError

_ANTHROPIC = KeyNeeds(required=("ANTHROPIC_API_KEY",))
_OPENAI = KeyNeeds(required=("OPENAI_API_KEY",))
_ADAPTERS: dict[str, tuple[Callable[..., Model], KeyNeeds]] = {
    "claude-": (AnthropicModel, _ANTHROPIC),
    "gpt-": (OpenAIModel, _OPENAI),
    "o1": (OpenAIModel, _OPENAI),
    "o3": (OpenAIModel, _OPENAI),
    "o4-": (OpenAIModel, _OPENAI),
    "deepseek-": (OpenAIModel, KeyNeeds(required=("DEEPSEEK_API_KEY",))),
    "echo": (EchoModel, KeyNeeds(optional=("ECHO_API_KEY",))),
}
PREFIXES = tuple(_ADAPTERS)
"""The beginnings of the names that have an adapter."""


def keys_of(model: str) -> KeyNeeds:
    """Return the refs that a model of this name reads.

    Raises:
        UnknownModelError: No adapter answers to the name; the error lists the known.
    """
    return _adapter(model)[1]


def adapter_of(model: str) -> Callable[..., Model]:
    """Return the adapter that a name picks: a class, to be called with the name.

    Raises:
        UnknownModelError: No adapter answers to the name.
    """
    return _adapter(model)[0]


def model_of(model: Any) -> Model:  # noqa: ANN401 - whatever the user passed
    """Return the model itself, or the adapter that its name picks.

    Raises:
        UnknownModelError: No adapter answers to the name.
        TypeError: It is neither a name nor a model.
    """
    if isinstance(model, str):
        return _adapter(model)[0](model)
    if isinstance(model, Model):
        return model
    message = f"Agent(model=...) takes a name or a model, not {type(model).__name__}"
    raise TypeError(message)


def _adapter(name: str) -> tuple[Callable[..., Model], KeyNeeds]:
    for prefix, adapter in _ADAPTERS.items():
        if name.startswith(prefix):
            return adapter
    raise UnknownModelError(name, known=PREFIXES)
