"""Two processes of a fleet, and messages that nobody sent."""

from contextlib import AsyncExitStack

from secretscope.fleet import Fleet
from secretscope.fleet._notice import Envelope, Notice
from secretscope.fleet._seal import Keys, Seal
from tests.fleet.hands import KEY, Machines, Process


def forge(machines: Machines, notice: Notice, **changes: object) -> bytes:
    """Return a genuine message of a sender that a test plays."""
    keys = Keys()
    keys.use("FLEET_KEY", KEY)
    facts = {"sender": "peer", "number": 1, "sent_at": machines.clock.wall(), **changes}
    return Seal(machines.bus.name, keys).close(Envelope(notice, **facts))  # type: ignore[arg-type]  # facts by name


async def two(machines: Machines, stack: AsyncExitStack) -> list[tuple[Process, Fleet]]:
    """Return two processes that have looked at everything after their first join."""
    machines.write("acme", "db", "v1")
    members = [machines.member() for _ in range(2)]
    for process, fleet in members:
        process.fetch("acme", "db")
        await stack.enter_async_context(fleet)
    await machines.clock.turn(61)
    return members
