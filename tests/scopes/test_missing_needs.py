"""Needs that are not there: they stay "not there", and what is inherited stays readable."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    ChainSecrets,
    DictSecrets,
    EnvSecrets,
    MissingSecretError,
    Policy,
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


class Plain:
    """A store of one's own, that says nothing of what it knows."""

    async def resolve(self, ref: str) -> str:
        raise MissingSecretError(ref, where="Plain")

    async def store(self, ref: str, value: str) -> None:
        raise NotImplementedError

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return None


@pytest.mark.parametrize(
    ("store", "settled"),
    [
        (DictSecrets({"t/acme/KEY": "acme-need-000001"}), True),
        (EnvSecrets(), True),
        (CachedSecrets(ScriptedSource()), True),
        (ChainSecrets([EnvSecrets(), DictSecrets({})]), True),
        (ChainSecrets([EnvSecrets(), Plain()]), False),
        (Plain(), False),
    ],
)
async def test_a_tenant_that_lacks_a_need_is_not_opened_anew_at_each_entry(
    store: Any, *, settled: bool
) -> None:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store), settings={"tenants": TENANTS})
        secrets = ScopedSecrets(backend)
        thing: Any = needs(
            providers.Object(1), optional=["KEY", "SHARED", "EXTRA"], secrets=secrets
        )

    async with lifetime(App()) as secrets:
        opened = secrets._opened().tenants
        assert opened.ready("acme") is None
        async with secrets.tenant("acme"):
            pass
        assert (opened.ready("acme") is not None) == settled


async def test_it_is_asked_again_once_the_stores_word_has_run_out() -> None:
    clock = HandClock()
    source = ScriptedSource({"t/acme/KEY": "acme-need-000001"}, clock=clock)

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(
                CachedSecrets(source, Policy(negative_ttl=5), clock=clock)
            ),
            settings={"tenants": TENANTS},
        )
        secrets = ScopedSecrets(backend)
        thing: Any = needs(providers.Object(1), "KEY", "EXTRA", secrets=secrets)

    async with lifetime(App(), clock=clock) as secrets:
        async with secrets.tenant("acme"):
            pass
        source.hold("t/acme/EXTRA", "it-came-later-001")
        async with secrets.tenant("acme") as acme:
            with pytest.raises(MissingSecretError):
                acme.lookup_sync("EXTRA")
        await clock.advance(5)
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("EXTRA") == "it-came-later-001"


async def test_tenants_without_a_place_of_their_own_have_nothing_to_ask_for() -> None:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            DictSecrets, {"SHARED": "shared-need-0001"}, settings={"tenants": {}}
        )
        secrets = ScopedSecrets(backend)
        thing: Any = needs(providers.Object(1), optional=["KEY"], secrets=secrets)

    async with lifetime(App()) as secrets:
        async with secrets.tenant("acme"):
            pass
        assert secrets._opened().tenants.ready("acme") is not None
