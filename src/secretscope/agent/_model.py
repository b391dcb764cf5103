"""What a model is to an agent, and the keys it needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from attrs import frozen

from secretscope.agent._messages import Chunk, ModelRequest
from secretscope.protocols import Secrets


@frozen
class KeyNeeds:
    """The refs that a model reads: those it must have, and those it could use."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@runtime_checkable
class Model(Protocol):
    """A language model; any object with a name and a `stream` is one."""

    @property
    def name(self) -> str:
        """What it is called in errors and in the audit log."""
        ...

    def stream(
        self, request: ModelRequest, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk, None]:
        """Answer: pieces of text and tool calls, then one `Finish`.

        An async generator. It must not hold a task group or a cancel scope open over
        a `yield`: whoever reads may stop at any time.

        Args:
            request: the conversation, and what the model may use.
            secrets: where to read keys; bound to the frame the run was called in.

        Raises:
            ModelError: The service failed.
            AuthenticationError: It refused the key.
        """
        ...


@runtime_checkable
class KeyedModel(Model, Protocol):
    """A model that says which keys it needs, before it is asked anything."""

    @property
    def secrets(self) -> Secrets | None:
        """Where it reads keys instead of the agent's `Tuning.secrets`, if anywhere."""
        ...

    @property
    def needs(self) -> KeyNeeds:
        """The refs that it reads."""
        ...

    def check(self, secrets: Secrets | None) -> None:
        """Make sure that every required key can be found.

        Raises:
            MissingKeyError: One is in none of the places; the error names them.
        """
        ...
