"""How a key vault is reached, and as whom."""

from __future__ import annotations

import os
import re

from attrs import evolve, field, frozen

from secretscope.errors import ConfigurationError, InvalidTenantError
from secretscope.redaction import KNOWN

METHODS = ("default", "client_secret", "managed_identity", "workload_identity")
"""The ways to log in; ``default`` is azure-identity's own search."""

_URL = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/?")
_TENANT = r"[a-z0-9-]+"
"""What may stand in a host name, which knows no case."""


@frozen(kw_only=True)
class AzureAuth:
    """As whom a key vault is asked.

    Attributes:
        method: one of `METHODS`.
        tenant_id: the directory, for a client's secret and for workload identity.
        client_id: the application; for a managed identity, which one of several.
        client_secret: the application's secret.
        client_secret_file: a file with it, read at each login.
        token_file: workload identity's token, where AZURE_FEDERATED_TOKEN_FILE does
            not name it.
        authority: another login server, as sovereign clouds have.

    Raises:
        ConfigurationError: It names each that cannot work.
    """

    method: str = "default"
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    client_secret_file: str | os.PathLike[str] | None = None
    token_file: str | os.PathLike[str] | None = None
    authority: str | None = None

    def __attrs_post_init__(self) -> None:
        faults: list[str] = []
        if self.method not in METHODS:
            faults.append(
                f"azure.auth.method: {self.method!r} is none of {', '.join(METHODS)}"
            )
        given = (self.client_secret is not None) + (self.client_secret_file is not None)
        if self.method == "client_secret":
            if self.tenant_id is None or self.client_id is None:
                faults.append("azure.auth: client_secret needs tenant_id and client_id")
            if given != 1:
                faults.append(
                    "azure.auth: set one of client_secret and client_secret_file"
                )
        elif given:
            faults.append("azure.auth.client_secret: only with method: client_secret")
        if faults:
            raise ConfigurationError(*faults)
        if self.client_secret is not None:
            KNOWN.add(self.client_secret, ref="azure.auth.client_secret")


@frozen(kw_only=True)
class AzureAccess:
    """How a key vault is reached, and as whom.

    Attributes:
        url: the vault's address, ``https://my-vault.vault.azure.net``.
        auth: as whom it is asked.
        tenant_url: each tenant's own vault, a template with ``{tenant}``.
        timeout: seconds that a connection may take, and an answer again.
        threads: how many requests run at once.
        ca_file: certificates to trust in the place of the system's.
        verify_resource: whether the login that the vault asks for must be for the
            vault's own domain; turn it off for a proxy of your own alone.

    Raises:
        ConfigurationError: It names each that cannot work.
    """

    url: str
    auth: AzureAuth = field(factory=AzureAuth)
    tenant_url: str | None = None
    timeout: float = 6.0
    threads: int = 16
    ca_file: str | os.PathLike[str] | None = None
    verify_resource: bool = True

    def __attrs_post_init__(self) -> None:
        faults: list[str] = []
        if not _URL.fullmatch(self.url):
            faults.append(
                "azure.url: expected https:// and a host, such as "
                "https://my-vault.vault.azure.net"
            )
        if self.tenant_url is not None and not (
            "{tenant}" in self.tenant_url
            and _URL.fullmatch(self.tenant_url.replace("{tenant}", "x"))
        ):
            faults.append(
                "azure.tenant_url: expected https:// and a host with {tenant} in it"
            )
        if faults:
            raise ConfigurationError(*faults)

    def for_tenant(self, tenant: str) -> AzureAccess | None:
        """Return the access to a tenant's own vault; None where there is none.

        Raises:
            InvalidTenantError: No vault can be called so.
        """
        if self.tenant_url is None:
            return None
        if not re.fullmatch(_TENANT, tenant):
            raise InvalidTenantError(tenant, grammar=_TENANT)
        url = self.tenant_url.replace("{tenant}", tenant)
        return evolve(self, url=url, tenant_url=None)
