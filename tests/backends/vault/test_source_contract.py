"""Vault's source keeps the contract of every source."""

from collections.abc import AsyncIterator, Mapping

import pytest

from secretscope import Source
from secretscope.backends.vault import Layout, Server, Token, VaultSource
from secretscope.testing import SourceContract
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double
from tests.backends.vault.stores import opened, source_of


class TestVersion2(SourceContract):
    version = 2

    @pytest.fixture
    async def source(self, double: Double) -> AsyncIterator[Source]:
        self.double = double
        self.admin = Admin(double.address, double.token)
        for part in self.parts:
            self.admin.ask("POST", f"sys/namespaces/{part}", {})
            Admin(double.address, double.token, part).mount(self.version, "kv")
        layout = Layout(self.admin.mount(self.version, "kv"), path="app")
        async with opened(double, layout) as source:
            self.opened = source
            yield source

    async def hold_fields(
        self, source: Source, location: str, fields: Mapping[str, str]
    ) -> None:
        for name, value in fields.items():
            await self.opened.put(location, value, field=name)

    def requests(self, source: Source) -> int:
        return len(self.double.seen)

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
    ["", "..", "a/../b", "a//b", "a\r\nX-Vault-Token: x", "a b", "a?b", "/a", "a#b"],
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
