"""What a container's graph says: captives, circles, an order to open in, whose need it is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    AmbiguousStoreError,
    AsyncioOnlyError,
    CaptiveError,
    CycleError,
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    lifetime,
    needs,
)
from tests.providers.value_app import (
    App,
    settings,
)


async def test_captives_are_refused_by_their_path() -> None:
    class Captive(App):
        client: Any = providers.Singleton(dict, key=App.value)

    app = Captive(config=settings(tenants={"path": "t/{tenant}/{ref}"}))
    with pytest.raises(CaptiveError, match=r"Captive\.client"):
        await lifetime(app).__aenter__()
    async with lifetime(Captive(config=settings())) as secrets:
        assert secrets.lookup_sync("KEY") == "value-of-key-01"
    shared = Captive(
        config=settings(tenants={"path": "t/{tenant}/{ref}", "inherit": ["KEY"]})
    )
    async with lifetime(shared):
        assert shared.client() == {"key": "value-of-key-01"}

    class Handed(App):
        client: Any = providers.Singleton(dict, make=App.value.provider)
        reader: Any = providers.Singleton(dict, secrets=App.secrets)

    app2 = Handed(config=settings(tenants={"path": "t/{tenant}/{ref}"}))
    async with lifetime(app2):
        pass


async def test_providers_that_only_work_on_asyncio_are_refused_on_trio(
    anyio_backend: str,
) -> None:
    async def make() -> AsyncIterator[int]:
        yield 1

    async def coroutine() -> int:
        return 1

    class Async(App):
        resource = providers.Resource(make)
        single = providers.Singleton(coroutine)
        plain = providers.Coroutine(coroutine)

    opening = lifetime(Async(config=settings()))
    if anyio_backend == "asyncio":
        async with opening:
            return
    with pytest.raises(AsyncioOnlyError) as caught:
        await opening.__aenter__()
    assert caught.value.paths == ("Async.resource", "Async.single", "Async.plain")


async def test_stores_open_in_the_order_of_their_dependence() -> None:
    made: list[str] = []

    def second_store(password: str) -> DictSecrets:
        made.append(password)
        return DictSecrets({"B": f"{password}-b"})

    first = SecretsBackend(DictSecrets, {"A": "first-password-1"})

    class Ordered(containers.DeclarativeContainer):
        second = SecretsBackend(second_store, password=SecretValue(first, "A"))
        one = first
        a = ScopedSecrets(one)
        b = ScopedSecrets(second)
        thing = needs(providers.Object(1), "B", secrets=b)

    app = Ordered()
    async with lifetime(app) as secrets:
        assert made == ["first-password-1"]
        assert app.b().lookup_sync("B") == "first-password-1-b"
        with pytest.raises(AmbiguousStoreError):
            secrets.lookup_sync("A")
        with secrets.override(A="both-over-0001", B="both-over-0001"):
            assert app.a().lookup_sync("A") == app.b().lookup_sync("B")
        with secrets.override(A="one-over-00001", on=app.b) as bound:
            assert app.a().lookup_sync("A") == "first-password-1"
            assert app.b().lookup_sync("A") == "one-over-00001"
            assert bound.lookup_sync("A") == "one-over-00001"


async def test_a_cycle_of_stores_is_named() -> None:
    one = SecretsBackend(DictSecrets)
    two = SecretsBackend(DictSecrets, initial=providers.Dict(x=SecretValue(one, "A")))
    one.factory.add_kwargs(initial=providers.Dict(x=SecretValue(two, "B")))  # type: ignore[union-attr]

    class Cyclic(containers.DeclarativeContainer):
        first = one
        second = two

    with pytest.raises(CycleError, match=r"Cyclic\.first -> Cyclic\.second"):
        await lifetime(Cyclic()).__aenter__()


async def test_a_need_that_names_no_store_is_ambiguous() -> None:
    class Unclear(containers.DeclarativeContainer):
        one = SecretsBackend(DictSecrets)
        two = SecretsBackend(DictSecrets)
        thing = needs(providers.Object(1), "KEY")

    with pytest.raises(AmbiguousStoreError, match=r"Unclear\.thing"):
        await lifetime(Unclear()).__aenter__()
