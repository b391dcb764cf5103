"""Settings of Google Cloud Secret Manager."""

from __future__ import annotations

from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._options import (
    a_path,
    flag,
    number,
    options,
    text,
    whole,
)

_OPTIONS = {
    "project": text,
    "location": text,
    "credentials_file": a_path,
    "credentials_json": text,
    "tenant_project": text,
    "create": flag,
    "timeout": number(above=True),
    "threads": whole(least=1),
    "endpoint": text,
    "insecure": flag,
}


def _build(settings: Settings) -> Secrets:
    gcp = door("gcp")
    access = gcp.GcpAccess(**settings.given(*_OPTIONS))
    made: Secrets = gcp.GcpSecrets(access, policy=settings.policy)
    return made


GCP = Backend(
    "gcp",
    _build,
    options(_OPTIONS, project="names the project that holds the secrets"),
    tenanted=lambda given: given.get("tenant_project") is not None,
)
