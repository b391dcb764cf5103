"""Google Cloud Secret Manager, through Google's own client."""

from secretscope.backends.gcp._access import GcpAccess
from secretscope.backends.gcp._secrets import GcpSecrets
from secretscope.backends.gcp._source import GcpSource

__all__ = ["GcpAccess", "GcpSecrets", "GcpSource"]
