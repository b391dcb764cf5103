"""Credentials of Azure, made in worker threads."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from azure import identity

from secretscope.backends.azure._access import AzureAccess, AzureAuth
from secretscope.errors import ConfigurationError
from secretscope.redaction import KNOWN


def credential_of(access: AzureAccess) -> Any:  # noqa: ANN401 - azure-identity has many
    """Return the credential that the settings name; nothing is asked yet.

    Raises:
        ConfigurationError: It cannot work.
    """
    auth = access.auth
    options: dict[str, Any] = {
        "retry_total": 0,
        "connection_timeout": access.timeout,
        "read_timeout": access.timeout,
    }
    if access.ca_file is not None:
        options["connection_verify"] = str(access.ca_file)
    if auth.authority is not None:
        options["authority"] = auth.authority
        options["disable_instance_discovery"] = True
    return _METHODS[auth.method](auth, options)


def _default(auth: AzureAuth, options: dict[str, Any]) -> Any:  # noqa: ANN401
    return identity.DefaultAzureCredential(**options)


def _client_secret(auth: AzureAuth, options: dict[str, Any]) -> Any:  # noqa: ANN401
    return identity.ClientSecretCredential(
        auth.tenant_id or "", auth.client_id or "", _secret_of(auth), **options
    )


def _managed(auth: AzureAuth, options: dict[str, Any]) -> Any:  # noqa: ANN401
    return identity.ManagedIdentityCredential(client_id=auth.client_id, **options)


def _workload(auth: AzureAuth, options: dict[str, Any]) -> Any:  # noqa: ANN401
    given = {"tenant_id": auth.tenant_id, "client_id": auth.client_id}
    given["token_file_path"] = str(auth.token_file) if auth.token_file else None
    options |= {name: value for name, value in given.items() if value is not None}
    with suppress(ValueError):
        return identity.WorkloadIdentityCredential(**options)
    raise ConfigurationError(
        "azure.auth: workload identity is not set up for this process: set tenant_id, "
        "client_id and token_file, or AZURE_TENANT_ID, AZURE_CLIENT_ID and "
        "AZURE_FEDERATED_TOKEN_FILE"
    )


def _secret_of(auth: AzureAuth) -> str:
    if auth.client_secret_file is None:
        return auth.client_secret or ""
    with suppress(OSError, ValueError):
        text = Path(auth.client_secret_file).read_text(encoding="utf-8").strip()
        KNOWN.add(text, ref="azure.auth.client_secret")
        return text
    raise ConfigurationError(
        f"azure.auth.client_secret_file: {auth.client_secret_file} can't be read"
    )


_METHODS = {
    "default": _default,
    "client_secret": _client_secret,
    "managed_identity": _managed,
    "workload_identity": _workload,
}
