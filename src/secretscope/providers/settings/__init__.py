"""The one schema of settings: what a container's configuration may say of its secrets."""

from secretscope.providers.settings._backend import Backend, Settings
from secretscope.providers.settings._read import (
    SHARED,
    read_own_settings,
    read_policy,
    read_settings,
)

__all__ = [
    "SHARED",
    "Backend",
    "Settings",
    "read_own_settings",
    "read_policy",
    "read_settings",
]
