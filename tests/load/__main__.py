"""Load: many tenants, several processes, keys that rotate, and Redis that restarts.

    python -m tests.load --workers 3 --tenants 200 --seconds 40 --loop trio

Each answer is checked: whose key it is, and how long ago its version was superseded.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import httpx2

from tests.fleet.hands import KEY
from tests.fleet.http_store import HttpStore, serving
from tests.fleet.redis_server import RedisServer, free_port
from tests.load.ledger import Ledger
from tests.load.service import GAP, RETRY, SPREAD, TTL

ROOT = Path(__file__).parents[2]
SLACK = 1.0
"""Seconds: a fetch, and a machine that is busy with its own load."""
BOUND = SPREAD + GAP + RETRY + SPREAD + SLACK
"""Of docs/fleet.md: hears of it, right after a fetch of its own."""
BOUND_CUT = TTL + SLACK
OUTAGE = 5.0


class Load:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.tenants = [f"tenant-{number}" for number in range(options.tenants)]
        self.ledger = Ledger()
        self.store = HttpStore()
        self.ports: list[int] = []
        self.rotations = 0
        self.end = float("inf")

    def write(self, tenant: str) -> None:
        value = self.ledger.write(tenant, time.monotonic())
        self.store.write(f"t/{tenant}/KEY", value)

    async def ask(self, client: httpx2.AsyncClient, port: int, tenant: str) -> None:
        asked = time.monotonic()
        headers = {"x-tenant": tenant}
        try:
            got = await client.get(f"http://127.0.0.1:{port}/", headers=headers)
        except httpx2.HTTPError as error:
            self.ledger.fail(type(error).__name__)
            return
        if got.status_code == 200:
            self.ledger.check(tenant, got.json()["key"], asked)
        else:
            self.ledger.fail(str(got.status_code))

    async def client(self, port: int, seed: int) -> None:
        chance = random.Random(seed)
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client:
            while time.monotonic() < self.end:
                await self.ask(client, port, chance.choice(self.tenants))

    async def rotate(self) -> None:
        """Rotate keys; one process each is told, as a dashboard would tell it."""
        chance = random.Random(0)
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client:
            while time.monotonic() < self.end:
                await anyio.sleep(self.options.pause)
                tenant, port = chance.choice(self.tenants), chance.choice(self.ports)
                self.write(tenant)
                self.rotations += 1
                headers = {"x-tenant": tenant}
                await client.get(f"http://127.0.0.1:{port}/rotate", headers=headers)

    async def restart(self, redis: RedisServer) -> None:
        await anyio.sleep(self.options.seconds / 3)
        gone = time.monotonic()
        self.ledger.outage = (gone, float("inf"))
        redis.stop()
        await anyio.sleep(OUTAGE)
        redis.start()
        self.ledger.outage = (gone, time.monotonic() + TTL)

    async def run(self) -> None:
        redis = RedisServer(Path(tempfile.mkdtemp()))
        redis.start()
        self.store.write("FLEET_KEY", KEY)
        for tenant in self.tenants:
            self.write(tenant)
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(serving(self.store))
                for _ in range(self.options.workers):
                    await self.worker(stack, redis)
                self.end = time.monotonic() + self.options.seconds
                async with anyio.create_task_group() as group:
                    for seed, port in enumerate(self.ports * self.options.clients):
                        group.start_soon(self.client, port, seed)
                    group.start_soon(self.rotate)
                    group.start_soon(self.restart, redis)
                await self.show_status()
        finally:
            redis.stop()

    async def worker(self, stack: AsyncExitStack, redis: RedisServer) -> None:
        port = free_port()
        numbers = (str(port), str(self.store.port), str(redis.port))
        process = await anyio.open_process(
            [sys.executable, "-m", "tests.load.service", self.options.loop, *numbers],
            cwd=ROOT,
            stdout=None,
            stderr=None,
        )
        stack.push_async_callback(process.wait)
        stack.callback(process.terminate)
        while True:
            try:
                await (await anyio.connect_tcp("127.0.0.1", port)).aclose()
            except OSError:
                await anyio.sleep(0.1)
            else:
                break
        self.ports.append(port)

    async def show_status(self) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            for port in self.ports:
                got = await client.get(f"http://127.0.0.1:{port}/status")
                print(got.json()["status"])

    def report(self) -> bool:
        """Print what was measured; return whether all of it is as promised."""
        ledger, seconds = self.ledger, self.options.seconds
        usual, usual_99 = ledger.oldest(through_outage=False, slack=BOUND)
        cut, cut_99 = ledger.oldest(through_outage=True, slack=BOUND)
        print(
            f"{self.options.workers} processes on {self.options.loop}, "
            f"{len(self.tenants)} tenants, ",
            end="",
        )
        print(f"{seconds:g} s, Redis away for {OUTAGE:g} s")
        print(f"answers                    {ledger.answers} ", end="")
        print(f"({ledger.answers / seconds:.0f} a second)")
        print(f"rotations                  {self.rotations}")
        print(f"another tenant's key       {ledger.foreign}")
        print(f"failed                     {ledger.failed} {set(ledger.errors) or ''}")
        print(
            f"oldest, the bus up         {usual:.2f} s (99 %: {usual_99:.2f})", end=""
        )
        print(f"  bound {BOUND:g} s")
        print(f"oldest, through the outage {cut:.2f} s (99 %: {cut_99:.2f})", end="")
        print(f"  bound {BOUND_CUT:g} s")
        print(f"the store was asked        {self.store.asked} times")
        return (
            ledger.foreign == ledger.failed == 0 and usual <= BOUND and cut <= BOUND_CUT
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--tenants", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--clients", type=int, default=4, help="of each process")
    parser.add_argument("--pause", type=float, default=0.1, help="between rotations")
    parser.add_argument(
        "--loop",
        choices=["asyncio", "trio"],
        default="asyncio",
        help="of the services: uvicorn on asyncio, anycorn on trio",
    )
    load = Load(parser.parse_args())
    anyio.run(load.run)
    return 0 if load.report() else 1


if __name__ == "__main__":
    sys.exit(main())
