"""The demo: a multi-tenant application on embedded stores, without key or server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import anyio
from dependency_injector import containers, providers

from secretscope.agent import (
    Agent,
    AuditLog,
    Tuning,
    adapter_of,
    keys_of,
    verify,
)
from secretscope.cli._paint import Paint
from secretscope.errors import InvalidRefError, MissingKeyError, NoTenantError
from secretscope.providers import (
    AgentFactory,
    Needs,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.redaction import redact
from secretscope.scopes import LifetimeReader

TENANTS = ("acme", "globex", "initech")
_SIGNING = "AUDIT_SIGNING_KEY"


class Support(containers.DeclarativeContainer):
    """Agents that answer support mail, each tenant's with the tenant's own key."""

    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    audit_log: providers.Object[AuditLog | None] = providers.Object(None)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(
        Agent,
        "You answer support mail in one sentence.",
        model=config.model,
        tuning=tuning,
        audit_log=audit_log,
    )
    signing: Needs[None] = needs(providers.Object(None), _SIGNING, secrets=backend)


def _write_files(root: Path, model: str) -> Path:
    """Write secrets as they would be mounted, and the application's configuration."""
    keys = keys_of(model)
    ref = (*keys.required, *keys.optional)[0]
    for number, tenant in enumerate(TENANTS):
        folder = root / "secrets" / "tenants" / tenant
        folder.mkdir(parents=True)
        value = f"{tenant}-demo-key-{number:04d}"
        if keys.required:
            value = os.environ.get(ref, "")
            if not value:
                raise MissingKeyError(ref, model=model, store=None)
        (folder / ref).write_text(value)
        (folder / ref).chmod(0o400)
    (root / "secrets" / _SIGNING).write_text("demo-signing-key-7f3a")
    (root / "secrets" / _SIGNING).chmod(0o400)
    config = root / "app.json"
    config.write_text(
        json.dumps(
            {
                "model": model,
                "secrets": {
                    "backend": "files",
                    "files": {"directory": str(root / "secrets")},
                    "tenants": {"path": "tenants/{tenant}/{ref}"},
                },
            }
        )
    )
    return config


def application(root: Path, model: str, *, base_url: str | None = None) -> Support:
    """Return the demo's application, configured from files that it writes.

    Args:
        root: the folder to write them to.
        model: the model's name.
        base_url: another endpoint that speaks the model's protocol.

    Raises:
        MissingKeyError: A real model was asked for, and its key is not set.
        UnknownModelError: No adapter answers to the model's name.
    """
    app = Support()
    app.config.from_json(str(_write_files(root, model)))
    if base_url is not None:
        made = providers.Factory(adapter_of(model), model, base_url=base_url)
        app.agent.add_kwargs(model=made)
    return app


async def demo(app: Support, model: str, loop: str, paint: Paint) -> None:
    """Run the demo once, on the running event loop."""
    paint.heading(loop, "secretscope")
    paint.step("start: the container's needs are found and fetched, all at once")
    async with lifetime(app, on_progress=paint.progress) as secrets:
        signing = app.backend().peek(_SIGNING).encode()
        log = AuditLog(key=signing)
        app.audit_log.override(log)
        await _serve(app, secrets, paint)
        await _change(app, secrets, model, paint)
        await _refuse(app, secrets, model, paint)
        _audit(log, signing, paint)


async def _ask(app: Support, name: str, paint: Paint) -> None:
    result = await app.agent().run("Where is my parcel?")
    paint.line(name, result.output)


async def _serve(app: Support, secrets: LifetimeReader, paint: Paint) -> None:
    paint.step("serve all tenants at once: each agent sees its own tenant's key")

    async def serve(tenant: str) -> None:
        async with secrets.tenant(tenant):
            await _ask(app, tenant, paint)

    async with anyio.create_task_group() as group:
        for tenant in TENANTS:
            group.start_soon(serve, tenant)


async def _change(
    app: Support, secrets: LifetimeReader, model: str, paint: Paint
) -> None:
    keys = keys_of(model)
    ref = (*keys.required, *keys.optional)[0]
    async with secrets.tenant("acme") as acme:
        before = acme.lookup_sync(ref) or ""
        paint.step("override one request: this task only, and only in the block")
        one_off = before if keys.required else "one-off-key-0123"
        with secrets.override({ref: one_off}):
            await _ask(app, "acme, override", paint)
        await _ask(app, "acme, after it", paint)
        paint.step("rotate acme's key while its agent lives: the next call uses it")
        agent = app.agent()
        paint.line("before", (await agent.run("Ping")).output)
        await acme.store(ref, before if keys.required else "acme-demo-key-rotated")
        paint.line("after", (await agent.run("Ping")).output)


async def _refuse(
    app: Support, secrets: LifetimeReader, model: str, paint: Paint
) -> None:
    keys = keys_of(model)
    ref = (*keys.required, *keys.optional)[0]
    paint.step("refuse what is not one's own")
    async with secrets.tenant("acme") as acme:
        try:
            acme.lookup_sync(f"../globex/{ref}")
        except InvalidRefError as error:
            paint.refused(f"acme asks for globex's key: {error.reason}")
    try:
        app.secrets().lookup_sync(ref)
    except NoTenantError:
        paint.refused("a read outside every tenant: no platform key to fall back to")


def _audit(log: AuditLog, key: bytes, paint: Paint) -> None:
    paint.step("the audit trail: redacted before it was written, signed and chained")
    for entry in log.entries[:4]:
        said = entry.get("prompt") or entry.get("output") or ""
        paint.line(f"{entry['kind']} {entry['tenant']}", str(said)[:60])
    paint.good(f"{verify(log.entries, key=key)} entries verified")
    paint.good(f"a rotated key in a log line: {redact('key=acme-demo-key-rotated')}")
