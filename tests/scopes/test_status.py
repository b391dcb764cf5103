"""Status: how every secret of every open scope is doing, and never its value."""

import json
from typing import Any

from dependency_injector import containers, providers

from secretscope import DictSecrets, ScopedSecrets, SecretsBackend, lifetime, needs
from secretscope.testing import HandClock
from tests.scopes.remote import Remote, cached

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


def application(store: Any, **settings: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings=settings or {"tenants": TENANTS}
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY", optional=["SHARED", "EXTRA"])
        platform: Any = needs(backend, "PLATFORM")

    return App()


async def test_every_ref_of_every_open_scope_is_shown_once() -> None:
    far = Remote(
        {
            "PLATFORM": "platform-st-0001",
            "SHARED": "shared-st-000001",
            "t/acme/KEY": "acme-key-st-0001",
            "t/globex/KEY": "globex-key-st-01",
            "t/globex/db": {"user": "u-st-000001", "password": "p-st-000001"},
        }
    )
    app = application(cached(far, clock=HandClock()))  # nothing is forgotten meanwhile
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme"):
            pass
        async with secrets.tenant("globex") as globex:
            await globex.resolve("db#user")
            await globex.resolve("db#password")
        far.asked.clear()
        shown = [(s.tenant, s.ref, s.missing) for s in secrets.status()]
        assert shown == [
            (None, "PLATFORM", False),
            (None, "SHARED", False),
            ("acme", "EXTRA", True),
            ("acme", "KEY", False),
            ("acme", "SHARED", True),
            ("globex", "EXTRA", True),
            ("globex", "KEY", False),
            ("globex", "SHARED", True),
            ("globex", "db", False),
        ]
        assert {s.tenant for s in secrets.status("acme")} == {"acme"}
        one = next(s for s in secrets.status() if s.ref == "KEY")
        assert (one.version, one.store, one.stale) == ("1", "the remote", False)
        assert one.age is not None
        text = json.dumps([s.as_dict() for s in secrets.status()])
        assert "st-0" not in text + repr(secrets.status())
        assert far.asked == []


async def test_a_store_that_can_not_report_still_has_its_refs_shown() -> None:
    app = application(DictSecrets({"KEY": "plain-st-000001"}), path="{ref}")
    async with lifetime(app, needs=[app.reader]) as secrets:
        assert [(s.ref, s.store, s.missing) for s in secrets.status()] == [
            ("EXTRA", "DictSecrets", True),
            ("KEY", "DictSecrets", False),
            ("SHARED", "DictSecrets", True),
        ]


async def test_without_a_place_of_their_own_tenants_show_nothing() -> None:
    app = application(DictSecrets({"KEY": "plain-st-000001"}), path="{ref}")
    async with lifetime(app, needs=[app.reader]) as secrets, secrets.tenant("acme"):
        assert secrets.status("acme") == []
        assert len(secrets.status()) == 3
