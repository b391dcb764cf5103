"""SecretsContract: what every store promises, as tests that its test class inherits."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import anyio

from secretscope.errors import SecretScopeError
from secretscope.protocols import Secrets
from secretscope.testing._chain import shown
from secretscope.testing._pytest import pytest

_HELD = "contract-value-4f1c9d"
_NEWER = "contract-value-8b27ae"
_OTHER = "contract-other-63d0f5"


@pytest.mark.anyio
class SecretsContract:
    """The promises of `Secrets`, to inherit from; they run on the loops you test on.

    Give the fixture `secrets`. Where the store can't be written to, set `writable` to
    False and say in `hold` how a value gets into it::

        class TestMyStore(SecretsContract):
            @pytest.fixture
            def secrets(self) -> MyStore:
                return MyStore(...)
    """

    writable: bool = True
    """Whether `store` writes; where not, it must raise NotImplementedError."""

    ref: str = "CONTRACT_KEY"
    """The ref that the tests write and read."""

    holds_empty: bool = True
    """Whether the store can hold an empty text."""

    @pytest.fixture
    def secrets(self) -> Secrets:
        """Return a store that holds nothing under the contract's refs."""
        raise NotImplementedError

    async def hold(self, secrets: Any, ref: str, value: str) -> None:  # noqa: ANN401 - your own type
        """Get a value into the store; by `store`, unless you say otherwise."""
        await secrets.store(ref, value)

    async def test_it_has_the_four_methods(self, secrets: Secrets) -> None:
        assert isinstance(secrets, Secrets)

    async def test_what_it_holds_is_resolved(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        assert await secrets.resolve(self.ref) == _HELD
        assert await secrets.resolve(self.ref) == _HELD

    async def test_what_was_resolved_is_at_hand(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        await secrets.resolve(self.ref)
        assert secrets.lookup_sync(self.ref) == _HELD

    async def test_looking_up_what_is_not_at_hand_gives_none(
        self, secrets: Secrets
    ) -> None:
        assert secrets.lookup_sync(self.ref) is None

    async def test_a_missing_secret_is_a_key_error_that_names_it(
        self, secrets: Secrets
    ) -> None:
        with pytest.raises(KeyError) as caught:
            await secrets.resolve(self.ref)
        assert self.ref in str(caught.value)
        assert secrets.lookup_sync(self.ref) is None

    async def test_a_missing_secret_is_found_once_it_is_there(
        self, secrets: Secrets
    ) -> None:
        if not self.writable:
            return
        with pytest.raises(KeyError):
            await secrets.resolve(self.ref)
        await secrets.store(self.ref, _HELD)
        assert await secrets.resolve(self.ref) == _HELD

    async def test_an_empty_text_is_a_value(self, secrets: Secrets) -> None:
        if not self.holds_empty:
            return
        await self.hold(secrets, self.ref, "")
        assert await secrets.resolve(self.ref) == ""
        assert secrets.lookup_sync(self.ref) == ""

    async def test_a_value_comes_back_as_it_went_in(self, secrets: Secrets) -> None:
        value = " two\nlines, a \"quote\", a 'quote', ünï©ode, \\ and # and = "
        await self.hold(secrets, self.ref, value)
        assert await secrets.resolve(self.ref) == value

    async def test_refs_are_told_apart(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        await self.hold(secrets, f"{self.ref}_2", _OTHER)
        assert await secrets.resolve(self.ref) == _HELD
        assert await secrets.resolve(f"{self.ref}_2") == _OTHER

    async def test_storing_is_seen_by_the_next_read(self, secrets: Secrets) -> None:
        if not self.writable:
            with pytest.raises(NotImplementedError):
                await secrets.store(self.ref, _HELD)
            return
        await self.hold(secrets, self.ref, _HELD)
        await secrets.resolve(self.ref)
        await secrets.store(self.ref, _NEWER)
        assert secrets.lookup_sync(self.ref) in (None, _NEWER)
        assert await secrets.resolve(self.ref) == _NEWER

    async def test_what_it_handed_out_is_masked(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        await secrets.resolve(self.ref)
        line = secrets.redact(f"sent the key sk-{'a1B2' * 12} to the model")
        assert "a1B2a1B2" not in line
        assert line.endswith("to the model")

    async def test_nothing_it_shows_or_raises_holds_a_value(
        self, secrets: Secrets
    ) -> None:
        await self.hold(secrets, self.ref, _HELD)
        await secrets.resolve(self.ref)
        with pytest.raises(KeyError) as caught:
            await secrets.resolve(f"{self.ref}_NOT_THERE")
        assert _HELD not in f"{secrets!r} {secrets!s} {shown(caught.value)}"

    @pytest.mark.parametrize(
        "way", ["../{0}", "x/../{0}", "./{0}", "x//../{0}", "%2e%2e/{0}", "..\\{0}"]
    )
    async def test_no_ref_finds_a_way_around(self, secrets: Secrets, way: str) -> None:
        await self.hold(secrets, self.ref, _HELD)
        ref = way.format(self.ref)
        with pytest.raises((KeyError, ValueError)):
            await secrets.resolve(ref)
        found: str | None = None
        with suppress(KeyError, ValueError):
            found = secrets.lookup_sync(ref)
        assert found is None

    async def test_many_tasks_read_at_once(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        found: list[str] = []

        async def read() -> None:
            found.append(await secrets.resolve(self.ref))

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(read)
        assert found == [_HELD] * 20

    async def test_a_cancelled_read_harms_no_later_one(self, secrets: Secrets) -> None:
        await self.hold(secrets, self.ref, _HELD)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await secrets.resolve(self.ref)
        assert await secrets.resolve(self.ref) == _HELD

    async def test_its_errors_are_of_the_tree_or_built_in(
        self, secrets: Secrets
    ) -> None:
        with pytest.raises(KeyError) as caught:
            await secrets.resolve(self.ref)
        assert isinstance(caught.value, SecretScopeError) or type(caught.value) in (
            KeyError,
            LookupError,
        )
