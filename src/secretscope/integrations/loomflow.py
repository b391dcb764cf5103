"""loomflow: its audit log with every credential masked before it is written.

Its agents take our Secrets as they are (``Tuning(secrets=...)``), but keep the key they were
built with: `secretscope.integrations.live_keys` gives their models a client whose every
request carries the current one.
"""

from __future__ import annotations

from typing import Any

from secretscope.redaction import redact_value


class RedactedAuditLog:
    """Masks what is appended to another audit log; all else is the other one's.

    loomflow writes a tool call's arguments before its hooks run, and as they are.

    Args:
        inner: an audit log of loomflow's, or a file's.
    """

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - loomflow is not imported
        self._inner = inner

    async def append(self, *, payload: dict[str, Any], **facts: Any) -> Any:  # noqa: ANN401
        """Append an entry, its payload masked; it is signed as it is written."""
        return await self._inner.append(payload=redact_value(payload), **facts)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._inner, name)
