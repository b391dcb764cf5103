"""Where a tenant's secrets are kept: places, parts of a store, stores of its own."""

from typing import Any

import anyio
import anyio.to_thread
import pytest

from secretscope import (
    DictSecrets,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    StoreUnavailableError,
    UnknownTenantError,
    lifetime,
    redact,
)
from tests.scopes.frames_app import (
    TENANTS,
    App,
    application,
)


class Foreign:
    """A store as users have written it: an async fetch, a dict as its cache."""

    def __init__(self) -> None:
        self.remote: dict[str, Any] = {}
        self.cache: dict[str, Any] = {}
        self.down: Exception | None = None

    async def resolve(self, ref: str) -> str:
        await anyio.lowlevel.checkpoint()
        if self.down is not None:
            raise self.down
        self.cache[ref] = self.remote[ref]
        return self.cache[ref]  # type: ignore[no-any-return]

    async def store(self, ref: str, value: str) -> None:
        self.remote[ref] = self.cache[ref] = value

    def redact(self, text: str) -> str:
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        return self.cache.get(ref)


async def test_any_object_with_the_four_methods_is_a_store() -> None:
    store = Foreign()
    store.remote = {"tenants/acme/KEY": "foreign-acme-0001", "SHARED": "foreign-shared"}
    app = App()
    app.backend.override(store)
    app.config.from_dict({"secrets": {"backend": "env", "tenants": TENANTS}})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "foreign-acme-0001"
        store.cache["tenants/acme/KEY"] = "foreign-acme-0002"
        assert acme.lookup_sync("KEY") == "foreign-acme-0002"
        with pytest.raises(MissingSecretError):
            acme.lookup_sync("EXTRA")
        with pytest.raises(NotWarmError):
            acme.lookup_sync("COLD")
        store.remote["tenants/acme/KEY"] = "foreign-acme-0003"
        await acme.refresh("KEY")
        assert acme.lookup_sync("KEY") == "foreign-acme-0003"
        await acme.store("NEW", "foreign-new-0001")
        assert acme.lookup_sync("NEW") == "foreign-new-0001"
        store.remote["tenants/acme/BYTES"] = b"bytes"
        with pytest.raises(MalformedSecretError, match="bytes"):
            await acme.resolve("BYTES")


async def test_an_outage_is_an_error_as_the_tenant_opens_and_is_not_remembered() -> (
    None
):
    store = Foreign()
    store.remote = {"tenants/acme/KEY": "back-again-0001"}
    app = App()
    app.backend.override(store)
    app.config.from_dict({"secrets": {"backend": "env", "tenants": TENANTS}})
    async with lifetime(app) as secrets:
        store.down = StoreUnavailableError("Foreign", ref="KEY")
        with pytest.raises(StoreUnavailableError):
            async with secrets.tenant("acme"):
                pass
        store.down = None
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "back-again-0001"


@pytest.mark.parametrize("how", ["mapping", "sync", "async"])
async def test_each_tenant_may_have_a_store_of_its_own(how: str) -> None:
    stores = {
        "acme": DictSecrets({"KEY": "own-acme-key-0001"}),
        "globex": DictSecrets({"KEY": "own-globex-key-01"}),
    }

    def sync_factory(name: str) -> DictSecrets:
        return stores[name]

    async def async_factory(name: str) -> DictSecrets:
        return stores[name]

    given = {"mapping": stores, "sync": sync_factory, "async": async_factory}[how]
    app = application(tenants={"stores": given, "inherit": ["SHARED"]})
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "own-acme-key-0001"
            await stores["acme"].store("KEY", "own-acme-key-0002")
            assert acme.lookup_sync("KEY") == "own-acme-key-0002"
            assert acme.lookup_sync("SHARED") == "shared-key-00001"
        async with secrets.tenant("globex") as globex:
            assert globex.lookup_sync("KEY") == "own-globex-key-01"
        with pytest.raises(UnknownTenantError if how == "mapping" else KeyError):
            async with secrets.tenant("nobody"):
                pass


async def test_what_gives_a_tenants_store_must_give_a_store() -> None:
    app = application(tenants={"stores": lambda name: object()})
    async with lifetime(app) as secrets:
        with pytest.raises(MalformedSecretError):
            async with secrets.tenant("acme"):
                pass


async def test_tenants_may_be_parts_of_a_store(tmp_path: Any) -> None:
    (tmp_path / "customers" / "acme").mkdir(parents=True)
    (tmp_path / "customers" / "acme" / "KEY").write_text("namespaced-key-01")
    app = App()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "files",
                "files": {"directory": str(tmp_path)},
                "tenants": {"namespace": "customers/{tenant}"},
            }
        }
    )
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "namespaced-key-01"


async def test_a_store_without_parts_says_so() -> None:
    async with lifetime(application(tenants={"namespace": "{tenant}"})) as secrets:
        with pytest.raises(ValueError, match="no namespaces"):
            async with secrets.tenant("acme"):
                pass


async def test_an_application_never_reads_a_tenants_place() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app):
        backend = app.backend()
        assert backend.lookup_sync("KEY") == "platform-key-0001"
        assert await backend.resolve("KEY") == "platform-key-0001"
        with pytest.raises(InvalidRefError, match="tenant's place"):
            backend.lookup_sync("tenants/acme/KEY")


async def test_one_document_holds_all_of_a_tenants_refs() -> None:
    app = application(
        {"tenants/acme": '{"KEY": "document-key-001", "OTHER": "document-other-1"}'},
        tenants={"path": "tenants/{tenant}#{ref}"},
    )
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "document-key-001"
        assert await acme.resolve("OTHER") == "document-other-1"
        with pytest.raises(InvalidRefError):
            await acme.resolve("KEY#field")
