"""Who looks on is told of requests, refreshes and stale reads."""

from secretscope.cache import Observer, Request, observe
from secretscope.testing import (
    ScriptedSource,
)
from secretscope.values import Rotation
from tests.cache.served import DOWN, of


async def test_who_looks_on_is_told_of_requests_refreshes_and_stale_reads() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "observed-val01"}, ttl=60)
    requests: list[Request] = []
    refreshed: list[Rotation | None] = []
    stale: list[str] = []

    class Looking:
        def requested(self, request: Request) -> None:
            requests.append(request)

        def refreshed(self, store: str, ref: str, *, rotation: Rotation | None) -> None:
            refreshed.append(rotation)

        def stale(self, store: str, ref: str) -> None:
            stale.append(f"{store} {ref}")

    looking = Looking()
    assert isinstance(looking, Observer)
    stop = observe(looking)
    try:
        await secrets.resolve("A")
        await secrets.store("A", "observed-val02")
        clock.now += 60
        source.fail(DOWN)
        await secrets.resolve("A")
    finally:
        stop()
    await secrets.resolve("A")
    assert [(r.act, r.error) for r in requests] == [
        ("fetch", None),
        ("put", None),
        ("fetch", None),
        ("fetch", "StoreUnavailableError"),
    ]
    assert [r.new for r in refreshed if r] == ["2"]
    assert stale == ["the store A"]
