"""AgentFactory: builds agents, and declares the keys that their model needs."""

from __future__ import annotations

from typing import Any, TypeVar

from dependency_injector import providers

from secretscope.agent import Agent, keys_of
from secretscope.errors import ConfigurationError, UnknownModelError
from secretscope.providers._graph import AnyProvider, effective

T = TypeVar("T")
Refs = tuple[tuple[str, ...], tuple[str, ...]]


class AgentFactory(providers.Factory[T]):
    """A Factory of agents: ours, or another framework's.

    The refs that it needs follow from ``model=``: a name, an option that holds one, or
    a provider of a model. A model that was given its ``api_key=`` needs none.
    """

    __slots__ = ()

    @property
    def foreign(self) -> bool:
        """Whether its agents keep the key that they were built with."""
        made = self.provides
        return not (isinstance(made, type) and issubclass(made, Agent))

    def needs(self) -> Refs:
        """Return the refs it requires, and those that it could use.

        Raises:
            ConfigurationError: The model is not configured.
            UnknownModelError: No adapter of ours knows it, and the agent is ours.
        """
        model: Any = self.kwargs.get("model")
        if isinstance(model, providers.Provider):
            model = self._configured(model)
        if isinstance(model, str):
            return self._by_name(model)
        return _by_adapter(model)

    def _configured(self, model: AnyProvider) -> Any:
        found = effective(model)
        if isinstance(found, providers.Factory | providers.BaseSingleton):
            return found
        value = found()
        if value is None:
            option = getattr(found, "get_name", lambda: str(found))()
            raise ConfigurationError(
                f"{option}: the model is not configured; set it to a name such as "
                "'claude-opus-4-7', 'gpt-4o' or 'echo'"
            )
        return value

    def _by_name(self, model: str) -> Refs:
        try:
            keys = keys_of(model)
        except UnknownModelError:
            if not self.foreign:
                raise
            return (), ()
        return keys.required, keys.optional


def _by_adapter(model: Any) -> Refs:
    if isinstance(model, providers.Factory | providers.BaseSingleton):
        given = "api_key" in model.kwargs or "client" in model.kwargs
        named = next((arg for arg in model.args if isinstance(arg, str)), None)
        made = model.provides
        if given or named is None or not hasattr(made, "key_name"):
            return (), ()
        keys = keys_of(named)
        return keys.required, keys.optional
    return (), ()
