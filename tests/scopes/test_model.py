"""A machine that does at random what applications do: nobody ever reads another's value."""

from contextlib import ExitStack, suppress
from contextvars import Context
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers
from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from secretscope import (
    MissingSecretError,
    Policy,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    TenantLimits,
    lifetime,
    needs,
)
from tests.scopes.remote import Remote, cached

NAMES = ("acme", "acme2", "globex", "initech")
"""One of them is another's prefix."""
REFS = ("KEY", "OTHER", "SHARED")
TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}
pytestmark = pytest.mark.timeout(120)
tenants = strategies.sampled_from(NAMES)
refs = strategies.sampled_from(REFS)


class Block:
    """A tenant's block in a context of its own, as a request has it."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.context = Context()
        self.stack = ExitStack()
        self.overrides: list[dict[str, str]] = []
        self.forgotten = False
        self.reader: Any = None


class Tenants(RuleBasedStateMachine):
    """Tenants, evictions, overrides, forgets and rotations, beside a dictionary."""

    backend = "asyncio"

    def __init__(self) -> None:
        super().__init__()
        self.far = Remote({"SHARED": "application-SHARED-0"})
        self.version = 0
        self.blocks: list[Block] = []
        self.exit = ExitStack()

        class App(containers.DeclarativeContainer):
            backend = SecretsBackend(
                providers.Object(cached(self.far, Policy(refresh_gap=0))),
                settings={"tenants": TENANTS},
            )
            secrets = ScopedSecrets(backend)
            reader: Any = needs(secrets, optional=list(REFS))
            client: Any = Rotating(dict, key=SecretValue(secrets, "KEY", default=None))

        self.app: Any = App()

    def run(self, block: Block, act: Any, *args: Any) -> Any:
        """Await something where the block stands, on a loop of its own."""

        async def work() -> Any:
            return await act(*args)

        return block.context.run(anyio.run, work)

    def value(self, tenant: str | None, ref: str) -> str:
        self.version += 1
        return f"{tenant or 'application'}-{ref}-{self.version}"

    def expected(self, block: Block, ref: str) -> Any:
        for values in reversed(block.overrides):
            if ref in values:
                return values[ref]
        own = self.far.held.get(f"t/{block.tenant}/{ref}")
        return self.far.held.get(ref) if own is None and ref == "SHARED" else own

    @initialize()
    def begin(self) -> None:
        limits = TenantLimits(max_open=2, max_refs=3)
        block = lifetime(self.app, limits=limits, loop=self.backend)
        self.secrets: Any = self.exit.enter_context(block)

    @precondition(lambda self: len(self.blocks) < 5)
    @rule(tenant=tenants)
    def enter(self, tenant: str) -> None:
        block = Block(tenant)
        enter = block.stack.enter_context
        block.reader = block.context.run(enter, self.secrets.tenant(tenant))
        self.blocks.append(block)

    @precondition(lambda self: self.blocks)
    @rule(data=strategies.data())
    def leave(self, data: Any) -> None:
        block = data.draw(strategies.sampled_from(self.blocks))
        self.blocks.remove(block)
        block.context.run(block.stack.close)
        with pytest.raises(ScopeClosedError):
            block.reader.lookup_sync("KEY")

    @precondition(lambda self: any(not block.forgotten for block in self.blocks))
    @rule(data=strategies.data(), ref=refs)
    def override(self, data: Any, ref: str) -> None:
        living = [block for block in self.blocks if not block.forgotten]
        block = data.draw(strategies.sampled_from(living))
        values = {ref: self.value("override", ref)}
        block.context.run(block.stack.enter_context, self.secrets.override(values))
        block.overrides.append(values)

    @rule(tenant=tenants, ref=refs)
    def store_behind(self, tenant: str, ref: str) -> None:
        """Another process writes: it is read once the tenant is asked to look."""
        self.far.held[f"t/{tenant}/{ref}"] = self.value(tenant, ref)
        self.look(tenant, ref)

    @rule(tenant=tenants, ref=refs)
    def delete_behind(self, tenant: str, ref: str) -> None:
        self.far.held.pop(f"t/{tenant}/{ref}", None)
        self.look(tenant, ref)

    @rule()
    def rotate_shared(self) -> None:
        self.far.held["SHARED"] = self.value(None, "SHARED")
        anyio.run(self.secrets.refresh, "SHARED")

    @rule(tenant=tenants)
    def forget(self, tenant: str) -> None:
        anyio.run(self.secrets.forget, tenant)
        for block in self.blocks:
            block.forgotten |= block.tenant == tenant
        scope = self.app.secrets.reader.scope
        assert tenant not in scope.tenants
        kept = [status.ref for status in scope.store.report()]
        assert not [base for base in kept if base.startswith(f"t/{tenant}/")]

    @rule(tenant=tenants, ref=refs)
    def forget_what_has_changed(self, tenant: str, ref: str) -> None:
        """Nobody was told of the change: a forgotten value would be read again."""
        self.far.held[f"t/{tenant}/{ref}"] = self.value(tenant, ref)
        self.forget(tenant)

    @precondition(lambda self: any(block.forgotten for block in self.blocks))
    @rule(data=strategies.data(), ref=refs)
    def override_in_vain(self, data: Any, ref: str) -> None:
        gone = [block for block in self.blocks if block.forgotten]
        block = data.draw(strategies.sampled_from(gone))
        with pytest.raises(ScopeClosedError):
            block.context.run(self.secrets.override({ref: "a-late-value"}).__enter__)

    def look(self, tenant: str, ref: str) -> None:
        async def act() -> None:
            async with self.secrets.tenant(tenant) as reader:
                with suppress(MissingSecretError):
                    await reader.refresh(ref)

        self.run(Block(tenant), act)

    @invariant()
    def everyone_reads_their_own(self) -> None:
        for block in self.blocks:
            self.run(block, self.check, block)
        scope = self.app.secrets.reader.scope
        assert len(scope.tenants) <= 2 + len(self.blocks)
        kept = (status.ref.split("/") for status in scope.store.report())
        assert {at[1] for at in kept if at[0] == "t"} <= set(scope.tenants)

    async def check(self, block: Block) -> None:
        reader = self.app.secrets()
        for ref in REFS:
            expected = self.expected(block, ref)
            error: type[Exception] | None = None
            seen = None
            try:
                seen = await reader.resolve(ref)
            except (MissingSecretError, ScopeClosedError) as failure:
                error = type(failure)
            if block.forgotten:
                assert error is ScopeClosedError
            elif expected is None:
                assert error is not None
                assert issubclass(error, MissingSecretError)
            else:
                assert seen == expected == reader.lookup_sync(ref)
        if not block.forgotten:
            assert self.app.client()["key"] == self.expected(block, "KEY")

    def teardown(self) -> None:
        for block in self.blocks:
            block.context.run(block.stack.close)
        self.exit.close()


class TenantsOnTrio(Tenants):
    """The same on the other loop."""

    backend = "trio"


quick = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestTenants = Tenants.TestCase
TestTenants.settings = quick
TestTenantsOnTrio = TenantsOnTrio.TestCase
TestTenantsOnTrio.settings = quick
