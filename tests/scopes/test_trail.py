"""The audit trail: what happened in which scope, never a value, and nobody is hurt."""

import json
import logging
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers

from secretscope import (
    DictSecrets,
    InvalidTenantError,
    NestedTenantError,
    NoTenantError,
    NotOverridableError,
    ScopedSecrets,
    ScopeEvent,
    SecretsBackend,
    TenantLimits,
    lifetime,
    log_events,
    needs,
    write_events,
)
from secretscope.scopes import _trail
from secretscope.scopes._trail import Trail

VALUES = {
    "SHARED": "shared-trail-001",
    "t/acme/KEY": "acme-key-trail-1",
    "t/globex/KEY": "globex-trail-01",
}
TENANTS = {
    "path": "t/{tenant}/{ref}",
    "inherit": ["SHARED"],
    "overridable": ["KEY"],
}


class App(containers.DeclarativeContainer):
    backend = SecretsBackend(DictSecrets, VALUES, settings={"tenants": TENANTS})
    secrets = ScopedSecrets(backend)
    reader: Any = needs(secrets, "KEY")


async def everything(secrets: Any) -> None:
    async with secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "acme-key-trail-1"
        with secrets.override(KEY="brought-trail-01"):
            pass
        with pytest.raises(NotOverridableError), secrets.override(SHARED="brought-02"):
            pass
        await acme.store("KEY", "acme-key-trail-2")
        with pytest.raises(NestedTenantError):
            async with secrets.tenant("globex"):
                pass
    async with secrets.tenant("globex"):
        pass
    with pytest.raises(NoTenantError):
        secrets.lookup_sync("KEY")
    with pytest.raises(InvalidTenantError):
        secrets.tenant("../x")
    with secrets.override({}):
        pass
    await secrets.forget("globex")


async def test_what_happens_is_told_and_never_a_value(tmp_path: Path) -> None:
    events: list[ScopeEvent] = []
    file = tmp_path / "scopes.jsonl"
    write = write_events(file)

    async def sink(event: ScopeEvent) -> None:
        events.append(event)
        await anyio.to_thread.run_sync(write, event)

    async with lifetime(App(), audit=sink, limits=TenantLimits(max_open=1)) as secrets:
        await everything(secrets)
    assert [(e.kind, e.tenant, e.refs, e.detail) for e in events] == [
        ("read", "acme", ("KEY",), ""),
        ("open", "acme", (), ""),
        ("override", "acme", ("KEY",), ""),
        ("override", "acme", ("SHARED",), ""),
        ("refusal", "acme", ("SHARED",), "NotOverridableError"),
        ("rotation", "acme", ("KEY",), "2"),
        ("refusal", "globex", (), "NestedTenantError"),
        ("read", "globex", ("KEY",), ""),
        ("eviction", "acme", (), ""),
        ("open", "globex", (), ""),
        ("refusal", None, ("KEY",), "NoTenantError"),
        ("refusal", None, (), "InvalidTenantError"),
        ("override", None, (), ""),
        ("forget", "globex", (), ""),
    ]
    lines = file.read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == [e.kind for e in events]
    assert "trail" not in file.read_text()


async def test_a_logger_is_told_refusals_as_warnings(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with lifetime(App(), audit=log_events(logging.getLogger("audit"))) as secrets:
        await everything(secrets)
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "audit"]
    assert ("INFO", "override of acme: ['KEY'] ") in told
    assert ("WARNING", "refusal of the application: ['KEY'] NoTenantError") in told


class Async:
    """An object that is called, and awaited."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def __call__(self, event: ScopeEvent) -> None:
        await anyio.lowlevel.checkpoint()
        self.told.append(event.kind)


async def test_whatever_is_awaited_is_a_sink() -> None:
    one, two, three = Async(), Async(), Async()

    def hands_on(event: ScopeEvent) -> Any:
        return three(event)

    sinks: list[Any] = [one, partial(two), hands_on]
    for sink in sinks:
        async with lifetime(App(), audit=sink) as secrets, secrets.tenant("acme"):
            pass
    assert one.told == two.told == three.told == ["read", "open"]


async def test_a_sink_that_fails_is_logged_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def sink(event: ScopeEvent) -> None:
        raise OSError(f"no room, with {VALUES['t/acme/KEY']}")

    async with lifetime(App(), audit=sink) as secrets:
        await everything(secrets)
    assert "sink of scopes' events failed: OSError" in caplog.text
    assert VALUES["t/acme/KEY"] not in caplog.text


async def test_a_slow_sink_makes_events_wait_and_then_be_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_trail, "_MOST", 3)
    told: list[ScopeEvent] = []
    spawned: list[Any] = []
    trail = Trail(told.append, spawned.append, timeout=5)
    for number in range(5):
        trail.note("read", f"t{number}")
    assert len(spawned) == 1
    await spawned[0]()
    assert [event.tenant for event in told] == ["t0", "t1", "t2", None]
    assert told[-1].detail.startswith("2 events")
    trail.note("read", "later")
    assert len(spawned) == 2
    await trail.close()
    assert told[-1].tenant == "later"


async def test_a_sink_that_never_ends_does_not_hold_the_lifetime_open() -> None:
    gate = threading.Event()
    app = App()

    def sink(event: ScopeEvent) -> None:
        gate.wait()

    try:
        async with lifetime(app, audit=sink, close_timeout=0.01) as secrets:
            with suppress(NoTenantError):
                secrets.lookup_sync("KEY")
    finally:
        gate.set()
