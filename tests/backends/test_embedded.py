"""The stores that need nothing: the environment, a dictionary, a chain."""

import anyio
import pytest
from anyio.abc import TaskStatus

from secretscope import (
    CachedSecrets,
    ChainSecrets,
    DictSecrets,
    EnvSecrets,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    ReadOnlyStoreError,
    Secret,
    StoreUnavailableError,
)
from tests.plain import PlainStore


class Down:
    """A source whose network is down."""

    async def fetch(self, location: str) -> Secret:
        raise StoreUnavailableError("down", ref=location)


async def test_the_environment_is_read_at_each_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = EnvSecrets()
    assert secrets.lookup_sync("SCOPE_TEST") is None
    with pytest.raises(KeyError, match="environment variable 'SCOPE_TEST' is not set"):
        await secrets.resolve("SCOPE_TEST")
    monkeypatch.setenv("SCOPE_TEST", "environment-value-1")
    assert secrets.lookup_sync("SCOPE_TEST") == "environment-value-1"
    assert await secrets.resolve("SCOPE_TEST") == "environment-value-1"
    monkeypatch.setenv("SCOPE_TEST", '{"user": "anna"}')
    assert secrets.lookup_sync("SCOPE_TEST#user") == "anna"
    assert secrets.lookup_sync("SCOPE_OTHER#user") is None
    assert secrets.redact("x environment-value-1") == "x [REDACTED]"
    assert repr(secrets) == "EnvSecrets()"


async def test_the_environment_is_never_written_to() -> None:
    with pytest.raises(NotImplementedError):
        await EnvSecrets().store("A", "b")


async def test_a_dictionary_is_copied_and_stores() -> None:
    initial = {"A": "dictionary-value-1"}
    secrets = DictSecrets(initial)
    initial["A"] = "changed"
    assert await secrets.resolve("A") == "dictionary-value-1"
    changes: list[str] = []
    stop = secrets.subscribe(changes.append)
    await secrets.store("B", '{"user": "anna"}')
    stop()
    await secrets.store("C", "")
    assert changes == ["B"]
    assert secrets.lookup_sync("B#user") == "anna"
    assert secrets.lookup_sync("C") == ""
    assert secrets.lookup_sync("X#y") is None
    with pytest.raises(KeyError, match="'X' not present"):
        await secrets.resolve("X")
    assert secrets.redact("dictionary-value-1") == "[REDACTED]"
    assert "dictionary-value-1" not in repr(secrets)


async def test_a_dictionary_refuses_what_is_no_text_or_no_ref() -> None:
    with pytest.raises(MalformedSecretError, match="bytes"):
        DictSecrets({"A": b"x"})  # type: ignore[dict-item]
    with pytest.raises(InvalidRefError):
        DictSecrets({"../A": "x"})
    for secrets in (DictSecrets(), EnvSecrets(), ChainSecrets([DictSecrets()])):
        with pytest.raises(InvalidRefError):
            secrets.lookup_sync("a/../b")


async def test_a_chain_gives_the_first_that_has_it() -> None:
    first, second = DictSecrets({"A": "one"}), DictSecrets({"A": "two", "B": "three"})
    chain = ChainSecrets([first, second])
    assert await chain.resolve("A") == chain.lookup_sync("A") == "one"
    assert await chain.resolve("B") == chain.lookup_sync("B") == "three"
    assert chain.lookup_sync("C") is None
    with pytest.raises(MissingSecretError):
        await chain.resolve("C")
    await ChainSecrets([EnvSecrets(), first]).store("N", "new-value")
    assert first.lookup_sync("N") == "new-value"
    with pytest.raises(ReadOnlyStoreError):
        await ChainSecrets([EnvSecrets()]).store("N", "x")
    assert chain.redact("plain") == "plain"


async def test_an_outage_of_one_is_an_error_and_not_a_miss() -> None:
    chain = ChainSecrets([CachedSecrets(Down()), DictSecrets({"A": "two"})])
    with pytest.raises(StoreUnavailableError):
        await chain.resolve("A")
    assert chain.lookup_sync("A") is None


async def test_a_chain_tells_its_stores_whose_places_are_whose() -> None:
    inner = DictSecrets()
    chain = ChainSecrets([inner])
    assert chain.owner is None
    chain.owner = lambda location: "acme"
    assert inner.owner is not None
    assert inner.owner("x") == "acme"


class Opened(DictSecrets):
    """A store with something open, that works in the background."""

    def __init__(self, name: str, events: list[str], *, broken: bool = False) -> None:
        super().__init__()
        self.name, self.events, self.broken = name, events, broken

    async def open(self) -> None:
        self.events.append(f"open {self.name}")

    async def aclose(self) -> None:
        self.events.append(f"close {self.name}")
        if self.broken:
            raise RuntimeError(self.name)

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        task_status.started()
        self.events.append(f"serve {self.name}")

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        self.events.append(f"refresh {self.name}")


async def test_a_chain_opens_serves_refreshes_and_closes_its_stores() -> None:
    events: list[str] = []
    chain = ChainSecrets([Opened("a", events), DictSecrets(), Opened("b", events)])
    await chain.open()
    await chain.serve()
    await chain.refresh("A")
    await chain.aclose()
    assert events == [
        "open a", "open b", "serve a", "serve b", "refresh a", "refresh b",
        "close b", "close a",
    ]  # fmt: skip
    broken = ChainSecrets([Opened("c", events, broken=True)])
    with pytest.raises(ExceptionGroup) as caught:
        await broken.aclose()
    assert str(caught.value.exceptions[0]) == "c"


async def test_a_chain_asks_stores_that_users_wrote() -> None:
    chain = ChainSecrets([PlainStore(), DictSecrets({"A": "the-second-one"})])
    assert await chain.resolve("A") == chain.lookup_sync("A") == "the-second-one"
