"""The section ``cache``: how long values are good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretscope.cache import Policy
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import number, options, whole

_CHECK = options(
    {
        "ttl": number(),
        "negative_ttl": number(),
        "concurrency": whole(least=1),
        "timeout": number(above=True),
        "refresh_gap": number(),
    }
)


def read_cache(places: Mapping[str, Any], faults: Faults) -> Policy | None:
    """Return the policy that the sections say, each going before those ahead of it.

    Args:
        places: the sections by their path: the shared one, then the store's own.
        faults: what is wrong is added here.
    """
    said: dict[str, Any] = {}
    before = len(faults.found)
    for path, section in places.items():
        if section is not None:
            _CHECK(section, path, faults)
            if isinstance(section, Mapping):
                said |= {k: v for k, v in section.items() if v is not None}
    if not said or len(faults.found) > before:
        return None
    return Policy(**said)
