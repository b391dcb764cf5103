"""How AWS is reached, and as whom."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from secretscope.errors import ConfigurationError
from secretscope.redaction import KNOWN

_LONGEST_SESSION = 64
"""Characters of a role session's name, as STS has it."""


@frozen(kw_only=True)
class AwsRole:
    """A role that is assumed through STS, and anew before it runs out.

    Attributes:
        arn: which role.
        external_id: what its trust policy asks for, if it does.
        session_name: what CloudTrail shows; cut at 64 characters.
        tags: session tags, for policies that compare them with a resource's.
        duration: seconds that one login is good; STS takes 900 and more.
        endpoint_url: another address of STS.
    """

    arn: str
    external_id: str | None = None
    session_name: str = "secretscope"
    tags: Mapping[str, str] = field(factory=dict[str, str])
    duration: int = 3600
    endpoint_url: str | None = None

    def filled(self, tenant: str) -> AwsRole:
        """Return the role with the tenant's name wherever ``{tenant}`` stands."""

        def fill(template: str) -> str:
            return template.replace("{tenant}", tenant)

        return evolve(
            self,
            arn=fill(self.arn),
            external_id=fill(self.external_id) if self.external_id else None,
            session_name=fill(self.session_name)[:_LONGEST_SESSION],
            tags={name: fill(value) for name, value in self.tags.items()},
        )


def _tells_tenants_apart(role: AwsRole | None) -> bool:
    return role is None or "{tenant}" in "".join((role.arn, *role.tags.values()))


@frozen(kw_only=True)
class AwsAccess:
    """How AWS is reached, and as whom; what is not set, boto3 finds as it always does.

    Attributes:
        region: such as ``eu-west-1``.
        profile: a profile of the shared configuration files.
        endpoint_url: another address of the store (a VPC endpoint, a test's server).
        access_key_id: a key of your own; its secret is never shown.
        secret_access_key: its secret.
        session_token: what goes with a temporary key.
        role: a role to assume.
        tenant_role: the role of each tenant, ``{tenant}`` in its ARN or its tags; it
            is assumed with what the process has, not through `role`.
        connect_timeout: seconds that a connection may take.
        read_timeout: seconds that an answer may take.
        threads: how many requests of one client run at once.

    Raises:
        ConfigurationError: A key without its secret, or a tenants' role that is the
            same for all.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    role: AwsRole | None = None
    tenant_role: AwsRole | None = None
    connect_timeout: float = 3.0
    read_timeout: float = 6.0
    threads: int = 16

    def __attrs_post_init__(self) -> None:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ConfigurationError(
                "aws.access_key_id and aws.secret_access_key: set both or none"
            )
        if not _tells_tenants_apart(self.tenant_role):
            raise ConfigurationError(
                "aws.tenant_role: neither its arn nor its tags hold {tenant}, "
                "so that every tenant would read as the same role"
            )
        for name in ("secret_access_key", "session_token"):
            value: str | None = getattr(self, name)
            if value is not None:
                KNOWN.add(value, ref=f"aws.{name}")

    def for_tenant(self, tenant: str) -> AwsAccess | None:
        """Return the tenant's own access; None where tenants share this one."""
        if self.tenant_role is None:
            return None
        return evolve(self, role=self.tenant_role.filled(tenant), tenant_role=None)
