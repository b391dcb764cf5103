"""Several addresses: the next one where one fails, and no host that is not ours."""

from collections.abc import Iterator

import pytest

from secretscope import (
    StoreUnavailableError,
)
from secretscope.backends.vault import Layout
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Core, Double, Fault, serving
from tests.backends.vault.stores import opened


class Where:
    """Several doubles as one cluster: they share their inside."""

    def __init__(self, *doubles: Double) -> None:
        self.address = ",".join(double.address for double in doubles)
        self.token = doubles[0].token


@pytest.fixture
def nodes() -> Iterator[tuple[Double, Double]]:
    """Two nodes of a cluster: what is written to one is in both."""
    first, second = Core(), Core()
    second.tokens, second.namespaces = first.tokens, first.namespaces
    with serving(first) as one, serving(second) as two:
        Admin(one.address, first.root).write("secret", "key", value="v-1")
        one.token = two.token = first.root
        one.seen.clear()
        yield one, two


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503), Fault(status=501), Fault(status=502), Fault(reset=True),
        Fault(cut=30), Fault(status=500),
    ],
    ids=["sealed", "not-initialised", "gateway", "reset", "truncated", "faulty"],
)  # fmt: skip
async def test_the_next_address_is_asked_where_one_fails(
    nodes: tuple[Double, Double], fault: Fault
) -> None:
    one, two = nodes
    fault.times = 0
    one.core.faults[:] = [fault]
    async with opened(Where(one, two), Layout(kv_version=2)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
        tried = len(one.seen)
        assert (await source.fetch("key")).reveal() == "v-1"
        assert len(one.seen) == tried  # the one that answered is asked first
        assert source.health() == "ok"


async def test_an_address_where_nobody_listens_is_left_for_the_next(
    nodes: tuple[Double, Double],
) -> None:
    class Gone:
        address = f"http://127.0.0.1:9,{nodes[1].address}"
        token = nodes[1].token

    async with opened(Gone()) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_where_no_address_answers_the_last_ones_reason_is_told(
    nodes: tuple[Double, Double],
) -> None:
    for node in nodes:
        node.core.sealed = True
    async with opened(Where(*nodes)) as source:
        with pytest.raises(StoreUnavailableError, match="sealed"):
            await source.fetch("key")
        assert "sealed" in source.health()
        for node in nodes:
            node.core.sealed = False
        await source.fetch("key")
        assert source.health() == "ok"


async def test_what_may_have_been_done_is_not_done_twice(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    async with opened(Where(one, two), Layout(kv_version=2)) as source:
        await source.open()
        one.core.faults.append(Fault("data/key", "POST", reset=True))
        with pytest.raises(StoreUnavailableError, match="broke off"):
            await source.put("key", "v-2")
    assert not any(seen.method == "POST" for seen in two.seen)


async def test_a_standbys_redirect_is_followed_to_an_address_of_ours_alone(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    one.core.standby = two.address
    async with opened(Where(one, two)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
    with serving() as stranger:
        one.core.standby = stranger.address
        async with opened(one) as source:
            with pytest.raises(StoreUnavailableError, match=r"vault\.addresses"):
                await source.fetch("key")
        one.core.standby = "http://[broken"
        async with opened(one) as source:
            with pytest.raises(StoreUnavailableError):
                await source.fetch("key")
        assert stranger.seen == []


async def test_a_redirect_to_a_third_node_goes_before_the_second(
    nodes: tuple[Double, Double],
) -> None:
    one, two = nodes
    with serving() as between:
        one.core.standby = two.address
        async with opened(Where(one, between, two)) as source:
            assert (await source.fetch("key")).reveal() == "v-1"
        assert between.seen == []
