"""The variables that operators know: BAO_* and VAULT_*."""

from __future__ import annotations

import os
from collections.abc import Mapping


def variable(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """Return ``BAO_name``, else ``VAULT_name``, else None; an empty one counts as none.

    The order is OpenBao's own: https://openbao.org/docs/commands/#environment-variables
    """
    found = os.environ if environment is None else environment
    return found.get(f"BAO_{name}") or found.get(f"VAULT_{name}") or None
