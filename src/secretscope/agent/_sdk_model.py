"""SdkModel: what the models over an official SDK share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from secretscope.agent._attempts import attempts
from secretscope.agent._key import Key
from secretscope.agent._messages import Chunk, Request
from secretscope.agent._sdk import PerLoop, keyed, load
from secretscope.protocols import Secrets


class SdkModel(ABC):
    """A model whose SDK is handed the key with each attempt.

    Attributes:
        key_name: the ref of its key.
    """

    key_name: ClassVar[str]
    _package: ClassVar[str]
    _client_class: ClassVar[str]

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None = None,
        secrets: Secrets | None = None,
        base_url: str | None = None,
        client: Any = None,  # noqa: ANN401 - the SDK is not imported here
    ) -> None:
        self.name = name
        self.secrets = secrets
        self._sdk = load(self._package)
        ref, endpoint = self._service()
        self._key = Key(ref, name, api_key)
        self._base_url = base_url or endpoint
        self._given = client
        self._clients = PerLoop(self._make)

    def check(self, secrets: Secrets | None) -> None:
        """Raise MissingKeyError, or what the store raises, where no key is at hand."""
        self._key.at_hand(self.secrets or secrets)

    async def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        """Yield the answer piece by piece.

        Raises:
            AuthenticationError: The key was refused, also after one refresh.
            ModelError: The service failed.
        """

        def call(key: str) -> AsyncGenerator[Chunk]:
            return self._answer(request, key)

        inner = attempts(
            call, self._key, request, self.secrets or secrets,
            (self._sdk.APIError,),
        )  # fmt: skip
        try:
            async for chunk in inner:
                yield chunk
        finally:
            await inner.aclose()

    @abstractmethod
    def _service(self) -> tuple[str, str]:
        """Return the ref of the key, and the address that takes it."""
        ...

    @abstractmethod
    def _answer(self, request: Request, key: str) -> AsyncGenerator[Chunk]:
        """Yield the answer to one attempt."""
        ...

    def _make(self) -> Any:  # noqa: ANN401
        make = getattr(self._sdk, self._client_class)
        return make(
            api_key="given with each request", base_url=self._base_url, max_retries=0
        )

    def _client(self, key: str) -> Any:  # noqa: ANN401
        ours = self._given is None
        return keyed(self._clients.client() if ours else self._given, key, ours=ours)
