"""AzureSecrets: Azure Key Vault under the cache."""

from __future__ import annotations

from secretscope.backends.azure._access import AzureAccess
from secretscope.backends.azure._source import AzureSource
from secretscope.cache import CachedSecrets, Policy


class AzureSecrets(CachedSecrets):
    """Reads secrets from Azure Key Vault.

    ``db#password`` reads one field of a value that is a JSON object.

    Args:
        access: how it is reached, and as whom; a text is the vault's address, asked
            with the process's own credentials.
        policy: how long what was fetched is good.

    Raises:
        MissingExtraError: A package is not installed.
        ConfigurationError: The address is none of a vault.
    """

    def __init__(
        self, access: AzureAccess | str, *, policy: Policy | None = None
    ) -> None:
        if isinstance(access, str):
            access = AzureAccess(url=access)
        source = AzureSource(access)
        super().__init__(source, policy, name=str(source))

    def __repr__(self) -> str:
        return f"AzureSecrets({self._name})"
