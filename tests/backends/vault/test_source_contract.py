"""Vault's source keeps the contract of every source."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from secretscope import Source, StoreError
from secretscope.backends.vault import (
    AppRole,
    Grant,
    Layout,
    Server,
    Text,
    Token,
    VaultSource,
)
from secretscope.backends.vault._reply import Ask, Reply
from secretscope.testing import SourceContract
from secretscope.testing._chain import foreign
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault, Seen
from tests.backends.vault.stores import opened, source_of
from tests.checkpoints import cancel_everywhere


class TestVersion2(SourceContract):
    version = 2

    @pytest.fixture
    async def source(
        self, admin: Admin, real_server: Admin | None, request: pytest.FixtureRequest
    ) -> AsyncIterator[Source]:
        self.seen: list[Seen] = []
        server: Any = admin
        if real_server is None:
            server = request.getfixturevalue("double")
            self.seen = server.seen
        mount = admin.mount(self.version)
        self.has_parts = admin.has_namespaces()
        for part in self.parts if self.has_parts else ():
            admin.ask("PUT", f"sys/namespaces/{part}", {})
            Admin(admin.address, admin.token, part).mount(self.version, mount)
        async with opened(server, Layout(mount, path="app")) as source:
            self.opened = source
            yield source
        for part in self.parts if self.has_parts and real_server else ():
            admin.ask("DELETE", f"sys/namespaces/{part}")

    async def test_one_part_sees_nothing_of_another(self, source: Source) -> None:
        """A server may have no namespaces: Vault's free edition has none."""
        if self.has_parts:
            await super().test_one_part_sees_nothing_of_another(source)

    async def hold_fields(
        self, source: Source, location: str, fields: Mapping[str, str]
    ) -> None:
        for name, value in fields.items():
            await self.opened.put(location, value, field=name)

    def requests(self, source: Source) -> int:
        return len(self.seen)

    def at(self, host: str, port: int) -> Source:
        class Where:
            address = f"http://{host}:{port}"
            token = "hvs.any"

        return source_of(Where())


class TestVersion1(TestVersion2):
    version = 1

    async def test_of_two_writers_none_is_lost_in_silence(self, source: Source) -> None:
        """Version 1 has no check-and-set: the guide says so."""


@pytest.mark.parametrize(
    "location",
    [
        "../key", "a/../key", "./key", "key/..", "a//key", "/key", "/sys/seal", "//key",
        "%2e%2e/key", "..\\key", "key\0", "key?x=1", "key?version=", "key?version=0",
        "key?version=1&list=true", "key?version=-1", "key?version=1?version=2",
        "key\n", "key\r\nX-Vault-Token: x", "key ", "", "k#f", "k:ey", "\N{CYRILLIC SMALL LETTER KA}ey",
        "key?version=\N{ARABIC-INDIC DIGIT ONE}",
    ],
)  # fmt: skip
async def test_nothing_is_asked_for_what_is_no_location(
    double: Double, location: str
) -> None:
    async with opened(double) as source:
        before = len(double.seen)
        for act in (source.fetch(location), source.put(location, "v")):
            with pytest.raises(ValueError, match="is no ref"):
                await act
    assert len(double.seen) == before == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "a/../b",
        "a//b",
        "a\r\nX-Vault-Token: x",
        "a b",
        "a?b",
        "/a",
        "a#b",
        "a//",
    ],
)
async def test_nothing_is_asked_for_what_is_no_namespace_or_tenant(
    double: Double, name: str
) -> None:
    async with opened(double) as source:
        with pytest.raises(ValueError, match="namespace"):
            source.namespaced(name)
    with pytest.raises(ValueError, match="vault.namespace" if name else "vault.url"):
        Server(double.address if name else "", namespace=name)
    assert double.seen == []


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b\nc", "t\xf6ken", "", " \n"])
async def test_a_token_that_no_header_holds_is_refused_before_anything_is_asked(
    double: Double, token: str
) -> None:
    async with opened(double, auth=Token(token)) as source:
        with pytest.raises(ValueError, match=r"vault\.auth\.token"):
            await source.fetch("key")
    assert double.seen == []


async def test_a_location_arrives_as_it_is_written(double: Double) -> None:
    name = "one.two/a@b.example/k+e=y_-1"
    Admin(double.address, double.token).write("secret", name, value="v-1")
    async with opened(double) as source:
        assert (await source.fetch(name)).reveal() == "v-1"
    assert double.paths()[-1] == f"GET secret/data/{name}"


async def test_the_slash_that_vault_writes_after_a_mount_is_no_part_of_it(
    double: Double,
) -> None:
    Admin(double.address, double.token).write("secret", "prod/key", value="v-1")
    layout = Layout("secret/", path="prod/", engines=["database/"])
    assert layout == Layout("secret", None, "prod", ("database",))
    async with opened(double, layout, namespace="/") as source:
        assert (await source.fetch("key")).reveal() == "v-1"


@pytest.mark.parametrize("mount", ["../sys", "a//b", "a?b", "a\r\nb", "a#b"])
async def test_a_login_goes_nowhere_else(double: Double, mount: str) -> None:
    async with opened(double, auth=AppRole("r", mount=mount)) as source:
        with pytest.raises(ValueError, match=r"vault\.auth\.mount"):
            await source.open()
    assert double.seen == []


async def test_nothing_that_is_shown_or_logged_holds_a_token_or_a_value(
    double: Double, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="a-secret-value")
    admin.login("approle", "approle")
    role_id = admin.approle("approle", "app", "root", token_ttl="60s")
    auth = AppRole(role_id, secret_id := admin.secret_id("approle", "app"))
    shown = ""
    async with opened(double, auth=auth) as source:
        await source.fetch("key")
        session = source._reach.session()
        assert session is not None
        cluster = source._reach.cluster
        shown = f"{source!r}{source._reach!r}{cluster!r}{session!r}{source._leases!r}"
        double.core.faults += [Fault(status=403), Fault(reset=True), Fault(status=500)]
        for _ in range(3):
            with pytest.raises(StoreError) as caught:
                await source.fetch("key")
            assert foreign(caught.value) == []
            shown += f"{caught.value!r}{caught.value.args}{caught.value.__dict__}"
    shown += repr(
        [Token(double.token), Text("a-secret-value"), Grant("hvs.x", 1, renewable=True)]
    )
    shown += repr(Ask("GET", "x", token="hvs.x", body={"a": "hvs.x"}))
    shown += repr(Reply(200, {}, b"a-secret-value")) + caplog.text
    for secret in ("hvs.", "a-secret-value", secret_id):
        assert secret not in shown
    assert role_id not in shown


async def test_a_read_may_be_cancelled_anywhere(double: Double) -> None:
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="v-1")
    admin.login("approle", "approle")
    role_id = admin.approle("approle", "app", "root", token_ttl="60s")
    auth = AppRole(role_id, admin.secret_id("approle", "app"))
    async with opened(double, auth=auth) as source:

        async def work() -> None:
            await source.fetch("key")

        async def after() -> None:
            assert (await source.fetch("key")).reveal() == "v-1"
            await source.aclose()

        assert await cancel_everywhere(work, after) > 5


async def test_white_space_around_a_token_is_no_part_of_it(double: Double) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    async with opened(double, auth=Token(f" {double.token}\n")) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_what_a_source_shows_is_its_address_and_namespace(
    double: Double,
) -> None:
    async with opened(double, namespace="team") as source:
        assert str(source.namespaced("a")) == (
            f"Vault at {double.address} (namespace team/a)"
        )
        assert (
            repr(source) == f"<VaultSource Vault at {double.address} (namespace team)>"
        )
        assert isinstance(source, VaultSource)
