"""Needs that are not there: they stay "not there", and what is inherited stays readable."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.testing import HandClock, ScriptedSource

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


async def test_what_a_tenant_inherits_is_read_as_long_as_it_is_open() -> None:
    clock = HandClock()
    source = ScriptedSource(
        {"SHARED": "shared-need-0001", "t/acme/KEY": "acme-need-000001"}, clock=clock
    )

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(CachedSecrets(source, clock=clock)),
            settings={"tenants": TENANTS},
        )
        secrets = ScopedSecrets(backend)
        thing: Any = needs(
            providers.Object(1), "KEY", optional=["SHARED", "EXTRA"], secrets=secrets
        )

    async with lifetime(App()) as secrets, secrets.tenant("acme") as acme:
        for seconds in (0, 10, 100, 3600):
            await clock.advance(seconds)
            assert acme.lookup_sync("KEY") == "acme-need-000001"
            assert acme.lookup_sync("SHARED") == "shared-need-0001"
            with pytest.raises(MissingSecretError):
                acme.lookup_sync("EXTRA")
        source.hold("t/acme/SHARED", "acmes-own-shared")
        await clock.advance(300)
        assert acme.lookup_sync("SHARED") == "acmes-own-shared"
