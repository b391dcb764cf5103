"""open_tenant: a pytest fixture that gives a tenant, ready to be read in a test."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from typing import Any, Protocol

from secretscope.protocols import BoundSecrets
from secretscope.providers import lifetime
from secretscope.testing._override import OverrideSecrets, lifetime_reader
from secretscope.testing._pytest import pytest


class OpenTenant(Protocol):
    """What the fixture `open_tenant` gives."""

    def __call__(
        self,
        app: Any,  # noqa: ANN401 - a container
        name: str,
        values: Mapping[str, str] = ...,
    ) -> AbstractAsyncContextManager[BoundSecrets]:
        """Return a block that opens a tenant of a container."""
        ...


@pytest.fixture
def open_tenant(override_secrets: OverrideSecrets) -> OpenTenant:
    """Give a function that opens a tenant of a container for a block.

    ``async with open_tenant(app, "acme", {"KEY": "value"}) as acme`` opens the
    container's lifetime if it is not open, without warming what it needs; puts the
    values, by ref, before what the tenant has, until the test ends; and yields the
    tenant's bound reader.
    """

    @asynccontextmanager
    async def opened(
        app: Any,  # noqa: ANN401 - a container
        name: str,
        values: Mapping[str, str] = {},
    ) -> AsyncGenerator[BoundSecrets]:
        async with AsyncExitStack() as stack:
            reader = lifetime_reader(app)
            if reader is None:
                reader = await stack.enter_async_context(lifetime(app, needs=[]))
            override_secrets(app, values, tenant=name)
            yield await stack.enter_async_context(reader.tenant(name))

    return opened
