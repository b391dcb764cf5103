"""A secret rotates while readers go on, and an outage is read through."""

import sys

import anyio

from secretscope import CachedSecrets, Policy, StoreUnavailableError
from secretscope.testing import HandClock, ScriptedSource


async def main() -> None:
    clock = HandClock()  # goes only when it is turned: an hour takes no time here
    source = ScriptedSource(
        {"db": {"user": "user-number-1", "password": "password-number-1"}}, clock=clock
    )
    policy = Policy(ttl=300, max_stale=3600)
    secrets = CachedSecrets(source, policy, name="the store", clock=clock)
    secrets.on_rotation(lambda told: print("rotated:", told.ref, told.old, told.new))
    async with anyio.create_task_group() as group:
        await group.start(secrets.serve)  # a lifetime does this for its stores
        secrets.keep("db")  # ... and this for what providers declare as needs
        await secrets.resolve_secret("db")

        source.hold("db", {"user": "user-number-2", "password": "password-number-2"})
        await clock.advance(300)
        pair = secrets.peek_secret(
            "db"
        )  # one snapshot: never a new user with an old password
        assert (pair.reveal("user"), pair.reveal("password")) == (
            "user-number-2",
            "password-number-2",
        )

        source.fail(StoreUnavailableError("the store", reason="503, sealed"))
        await clock.advance(1200)
        [status] = secrets.report()
        print("stale:", status.stale, "for", f"{status.left:.0f} s more at most")
        assert secrets.peek("db#user") == "user-number-2"
        print("requests in 20 minutes of outage:", source.asked("db"))
        group.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
