"""A model that needs nothing: it answers with what it was asked."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from typing import ClassVar

from secretscope.agent._messages import Chunk, Request
from secretscope.errors import ExpiredError, MissingSecretError, NotWarmError
from secretscope.protocols import Secrets


class EchoModel:
    """Answers with the prompt and the fingerprint of the key that it was given.

    The fingerprint is the first 8 digits of the key's SHA-256: enough to see which key
    served, and far too little to find a key of any length worth the name.

    Args:
        name: what it is called.
        secrets: where its optional key ``ECHO_API_KEY`` is read; the agent's without it.
    """

    key_name: ClassVar[str] = "ECHO_API_KEY"

    def __init__(self, name: str = "echo", *, secrets: Secrets | None = None) -> None:
        self.name = name
        self.secrets = secrets

    def check(self, secrets: Secrets | None) -> None:
        """Accept: it works without a key."""

    async def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        """Yield the last message, word by word, behind the key's fingerprint."""
        key = await self._key(self.secrets or secrets)
        shown = "no key" if key is None else f"key {fingerprint(key)}"
        prompt = request.messages[-1].text if request.messages else ""
        yield Chunk(text=f"[{shown}]")
        for word in prompt.split():
            yield Chunk(text=f" {word}")
        words = len(prompt.split())
        yield Chunk(tokens_in=words, tokens_out=words + 1)

    async def _key(self, secrets: Secrets | None) -> str | None:
        if secrets is None:
            return None
        try:
            return secrets.lookup_sync(self.key_name)
        except MissingSecretError:
            return None
        except (NotWarmError, ExpiredError):
            pass
        try:
            return await secrets.resolve(self.key_name)
        except MissingSecretError:
            return None


def fingerprint(key: str) -> str:
    """Return the first 8 hexadecimal digits of the key's SHA-256."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
