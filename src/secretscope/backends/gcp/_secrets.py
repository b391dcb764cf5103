"""GcpSecrets: Google Cloud Secret Manager under the cache."""

from __future__ import annotations

from secretscope.backends.gcp._access import GcpAccess
from secretscope.backends.gcp._source import GcpSource
from secretscope.cache import CachedSecrets, Policy


class GcpSecrets(CachedSecrets):
    """Reads secrets from Google Cloud Secret Manager.

    ``db#password`` reads one field of a payload that is a JSON object.

    Args:
        access: how it is reached, and as whom; a text is the project, reached with the
            process's own credentials.
        policy: how long what was fetched is good.

    Raises:
        MissingExtraError: The package is not installed.
        ConfigurationError: The project's id is none.
    """

    def __init__(
        self, access: GcpAccess | str, *, policy: Policy | None = None
    ) -> None:
        if isinstance(access, str):
            access = GcpAccess(project=access)
        source = GcpSource(access)
        super().__init__(source, policy, name=str(source))

    def __repr__(self) -> str:
        return f"GcpSecrets({self._name})"
