"""How Google Cloud is reached, and as whom."""

from __future__ import annotations

import os
import re

from attrs import evolve, field, frozen

from secretscope.errors import ConfigurationError, InvalidTenantError
from secretscope.redaction import KNOWN

PROJECT = r"[a-z0-9][a-z0-9.:-]{2,62}"
"""A project's id or number; old ones stand in a domain, ``example.com:project``."""

REGION = r"[a-z]+-[a-z]+[0-9]+"
"""A region, such as ``europe-west3``."""


@frozen(kw_only=True)
class GcpAccess:
    """How Google Cloud is reached, and as whom.

    Without credentials of its own it uses Application Default Credentials: the
    variable GOOGLE_APPLICATION_CREDENTIALS, gcloud's login, or the machine's account.

    Attributes:
        project: the project whose secrets are named without one.
        location: a region: the secrets are regional ones, and its endpoint is asked.
        credentials_file: a service account's key.
        credentials_json: the text of such a key, from another store.
        tenant_project: each tenant's project, a template with ``{tenant}``.
        create: whether storing creates a secret that isn't there.
        timeout: seconds that one request may take.
        threads: how many requests run at once.
        endpoint: another address (``host:port``): a proxy, an emulator.
        insecure: whether to speak to it in the clear, and without credentials.

    Raises:
        ConfigurationError: It names each that cannot work.
    """

    project: str
    location: str | None = None
    credentials_file: str | os.PathLike[str] | None = None
    credentials_json: str | None = field(default=None, repr=False)
    tenant_project: str | None = None
    create: bool = False
    timeout: float = 6.0
    threads: int = 16
    endpoint: str | None = None
    insecure: bool = False

    def __attrs_post_init__(self) -> None:
        faults: list[str] = []
        if not re.fullmatch(PROJECT, self.project):
            faults.append(f"gcp.project: {self.project!r} is no project's id")
        if self.location is not None and not re.fullmatch(REGION, self.location):
            faults.append(
                f"gcp.location: {self.location!r} is no region, such as europe-west3"
            )
        if self.tenant_project is not None and "{tenant}" not in self.tenant_project:
            faults.append(
                "gcp.tenant_project: it lacks {tenant}, so that all tenants would share"
            )
        if self.credentials_file is not None and self.credentials_json is not None:
            faults.append("gcp.credentials_file and gcp.credentials_json: set one")
        if self.insecure and self.endpoint is None:
            faults.append("gcp.insecure: only with gcp.endpoint, an emulator's address")
        if faults:
            raise ConfigurationError(*faults)
        if self.credentials_json is not None:
            KNOWN.add(self.credentials_json, ref="gcp.credentials_json")

    def for_tenant(self, tenant: str) -> GcpAccess | None:
        """Return the access to a tenant's own project; None where there is none.

        Raises:
            InvalidTenantError: No project can be called so.
        """
        if self.tenant_project is None:
            return None
        project = self.tenant_project.replace("{tenant}", tenant)
        if not re.fullmatch(PROJECT, project):
            raise InvalidTenantError(tenant, grammar="[a-z0-9-]+")
        return evolve(self, project=project, tenant_project=None)
