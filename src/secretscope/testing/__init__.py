"""What tests need: contracts of stores and sources, fixtures, and the leak guard."""

from secretscope.testing._contract import SecretsContract
from secretscope.testing._override import OverrideSecrets, override_secrets
from secretscope.testing._reads import Read, SecretReads, secret_reads
from secretscope.testing._source_contract import SourceContract
from secretscope.testing._tenant import OpenTenant, open_tenant

__all__ = [
    "OpenTenant",
    "OverrideSecrets",
    "Read",
    "SecretReads",
    "SecretsContract",
    "SourceContract",
    "open_tenant",
    "override_secrets",
    "secret_reads",
]
