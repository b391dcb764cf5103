"""Settings of Azure Key Vault."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._options import (
    a_path,
    flag,
    number,
    one_of,
    options,
    text,
    whole,
)
from secretscope.scopes import TenantPlan

_METHODS = ("default", "client_secret", "managed_identity", "workload_identity")
_AUTH = {
    "method": one_of(*_METHODS),
    "tenant_id": text,
    "client_id": text,
    "client_secret": text,
    "client_secret_file": a_path,
    "token_file": a_path,
    "authority": text,
}
_ACCESS = {
    "url": text,
    "tenant_url": text,
    "timeout": number(above=True),
    "threads": whole(least=1),
    "ca_file": a_path,
    "verify_resource": flag,
}


def _build(settings: Settings) -> Secrets:
    azure = door("azure")
    said: dict[str, Any] = settings.options.get("auth") or {}
    auth = azure.AzureAuth(**{k: v for k, v in said.items() if v is not None})
    access = azure.AzureAccess(auth=auth, **settings.given(*_ACCESS))
    made: Secrets = azure.AzureSecrets(access, policy=settings.policy)
    return made


def _folds(plan: TenantPlan) -> list[str]:
    if any(plan.names.can_hold(letter) for letter in ascii_uppercase):
        return [
            "names: Key Vault does not tell upper from lower case, so that two tenants "
            "could share a place: narrow it to lower case, such as [a-z0-9]{1,40}"
        ]
    return []


AZURE = Backend(
    "azure",
    _build,
    options(
        {**_ACCESS, "auth": options(_AUTH)},
        url="is the vault's address, https://my-vault.vault.azure.net",
    ),
    tenanted=lambda given: given.get("tenant_url") is not None,
    folds=_folds,
)
