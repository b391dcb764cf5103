"""Live keys for other frameworks: each request carries the key that is current.

Whatever takes an httpx2 client, or a client of the official SDKs, gets tenants, overrides and
rotation by it: pydantic-ai, openai-agents, loomflow, MCP clients.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any

from secretscope.agent import blind, load
from secretscope.errors import ExpiredError, MissingExtraError, NotWarmError
from secretscope.protocols import Refreshable, Secrets
from secretscope.redaction import KNOWN

try:
    import httpx2
except ModuleNotFoundError:
    raise MissingExtraError(
        "secretscope.integrations.live_keys", extra="http"
    ) from None

if TYPE_CHECKING:  # the SDKs are imported as a client is made
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI

_REFUSED = 401


class SecretAuth(httpx2.Auth):
    """Puts a secret into each request of an `httpx2.AsyncClient` as it is sent.

    The secret is read in the task that sends: through a ScopedSecrets each request has
    its own tenant's, an override's, and after a rotation the new one. A 401 asks once
    for a refresh of the value that was refused, and tries once more with another one.

    Args:
        secrets: a ScopedSecrets' reader, a bound one, or any Secrets.
        ref: which secret.
        header: the header it goes into.
        scheme: what stands before it, such as ``Bearer``; empty for the value alone.
        stand_in: a text that whoever made the request put in the secret's place, in
            whichever header; it is replaced there, and `header` is not used.
    """

    def __init__(
        self,
        secrets: Secrets,
        ref: str,
        *,
        header: str = "Authorization",
        scheme: str = "Bearer",
        stand_in: str | None = None,
    ) -> None:
        self._secrets = secrets
        self._ref = ref
        self._header = header
        self._scheme = scheme
        self._stand_in = stand_in

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request with the current value; once more after a 401.

        Raises:
            MissingSecretError: There is none (or what a store of yours raises).
        """
        places = self._places(request)
        value = await self._value()
        self._put(request, places, value)
        response = yield request
        if response.status_code != _REFUSED or not isinstance(
            request.stream, httpx2.ByteStream
        ):
            return
        if isinstance(self._secrets, Refreshable):
            await self._secrets.refresh(self._ref, bad=value)
        other = await self._value()
        if other != value:
            self._put(request, places, other)
            yield request

    def sync_auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Refuse: a key that has run out could not be awaited.

        Raises:
            RuntimeError: Always.
        """
        message = "SecretAuth needs an httpx2.AsyncClient: it may have to fetch the key"
        raise RuntimeError(message)

    async def _value(self) -> str:
        try:
            value = self._secrets.lookup_sync(self._ref)
        except (NotWarmError, ExpiredError):
            value = None
        if value is None:
            value = await self._secrets.resolve(self._ref)
        KNOWN.add(value, ref=self._ref, tenant=getattr(self._secrets, "tenant", None))
        return value

    def _places(self, request: httpx2.Request) -> dict[str, str]:
        """Return the headers that the value goes into, each with what is around it."""
        stand_in = self._stand_in
        if stand_in is None:
            return {self._header: f"{self._scheme} {{}}" if self._scheme else "{}"}
        return {
            name: text.replace("{", "{{").replace("}", "}}").replace(stand_in, "{}")
            for name, text in request.headers.items()
            if stand_in in text
        }

    def _put(self, request: httpx2.Request, places: dict[str, str], value: str) -> None:
        for name, around in places.items():
            request.headers[name] = around.format(value)

    def __repr__(self) -> str:
        return f"<SecretAuth {self._ref}>"


_STAND_IN = "secretscope-puts-the-key-here"
_OPENAI, _ANTHROPIC = "https://api.openai.com/v1", "https://api.anthropic.com"


def openai_client(
    secrets: Secrets,
    ref: str = "OPENAI_API_KEY",
    *,
    base_url: str = _OPENAI,
    **options: Any,
) -> AsyncOpenAI:
    """Return an `openai.AsyncOpenAI` with a live key; it reads no environment variable.

    Args:
        secrets: a ScopedSecrets' reader, a bound one, or any Secrets.
        ref: which secret is its key.
        base_url: the endpoint.
        options: what else the SDK's client takes.

    Raises:
        MissingExtraError: The SDK is not installed.
    """
    client: AsyncOpenAI = _client(
        load("openai").AsyncOpenAI, secrets, ref, base_url, options
    )
    return client


def anthropic_client(
    secrets: Secrets,
    ref: str = "ANTHROPIC_API_KEY",
    *,
    base_url: str = _ANTHROPIC,
    **options: Any,
) -> AsyncAnthropic:
    """Return an `anthropic.AsyncAnthropic` with a live key, as `openai_client` does."""
    client: AsyncAnthropic = _client(
        load("anthropic").AsyncAnthropic, secrets, ref, base_url, options
    )
    return client


def _client(
    kind: Callable[..., Any],
    secrets: Secrets,
    ref: str,
    base_url: str,
    options: dict[str, Any],
) -> Any:  # noqa: ANN401
    http = httpx2.AsyncClient(
        auth=SecretAuth(secrets, ref, stand_in=_STAND_IN),
        timeout=httpx2.Timeout(600, connect=5),  # as the SDKs' own clients
    )
    client = kind(api_key=_STAND_IN, base_url=base_url, http_client=http, **options)
    blind(client, options)
    return client
