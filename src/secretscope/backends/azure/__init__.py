"""Azure Key Vault, through Microsoft's own client."""

from secretscope.backends.azure._access import AzureAccess, AzureAuth
from secretscope.backends.azure._secrets import AzureSecrets
from secretscope.backends.azure._source import AzureSource

__all__ = ["AzureAccess", "AzureAuth", "AzureSecrets", "AzureSource"]
