"""What keeps failing fails at once for a while, of a bounded number of tenants."""

import pytest

from secretscope import (
    StoreUnavailableError,
    TenantLimits,
    UnknownTenantError,
    lifetime,
)
from secretscope.scopes._breaker import Breakers
from tests.plain import PlainStore
from tests.scopes.crowd import (
    application,
)
from tests.scopes.remote import Clock


class Flaky(PlainStore):
    """A store that fails, or does not, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.down: Exception | None = None

    async def resolve(self, ref: str) -> str:
        self.asked += 1
        if self.down is not None:
            raise self.down
        return "a-value-of-flaky"


async def test_what_keeps_failing_fails_at_once_for_a_while() -> None:
    store, clock = Flaky(), Clock()
    app = application(store, path="t/{tenant}/{ref}", failures=3, pause=5)

    async def fails(name: str, *, asked: int) -> None:
        with pytest.raises(StoreUnavailableError):
            async with secrets.tenant(name):
                pass
        assert store.asked == asked

    async with lifetime(app, clock=clock) as secrets:
        store.down = StoreUnavailableError("Flaky")
        for asked in (1, 2, 3, 3, 3):
            await fails("t0", asked=asked)
        await fails("t1", asked=4)
        await clock.turn(4)
        await fails("t0", asked=4)
        await clock.turn(1)
        await fails("t0", asked=5)
        await fails("t0", asked=5)
        await clock.turn(5)
        store.down = None
        for name in ("t0", "t1"):
            async with secrets.tenant(name):
                pass
        store.down = StoreUnavailableError("Flaky", retry_after=30)
        for asked in (8, 9, 10, 10):
            await fails("t2", asked=asked)
        await clock.turn(29)
        await fails("t2", asked=10)
        await clock.turn(1)
        await fails("t2", asked=11)
        await secrets.forget("t2")
        await fails("t2", asked=12)


def test_breakers_remember_a_bounded_number_and_no_unknown_names() -> None:
    clock = Clock.__new__(Clock)
    clock.now = 0.0
    breakers = Breakers(TenantLimits(failures=1), clock)
    assert not breakers.failed("nobody", UnknownTenantError("nobody", where="here"))
    assert breakers.refusal("nobody") is None
    for number in range(5000):
        assert breakers.failed(f"made-up-{number}", OSError("down"))
    assert len(breakers) == 4096
    assert breakers.refusal("made-up-0") is None
    assert isinstance(breakers.refusal("made-up-4999"), OSError)
    breakers.succeeded("made-up-4999")
    assert breakers.refusal("made-up-4999") is None
