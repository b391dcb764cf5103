"""The pytest plugin: its fixtures are there wherever secretscope is installed.

Fixtures: `override_secrets`, `open_tenant`, `secret_reads`, `hand_clock`,
`scripted_source`. Marker ``leak_guard``, and the option ``--leak-guard``.
"""

from __future__ import annotations

from secretscope.testing._doubles import hand_clock, scripted_source
from secretscope.testing._guard import MARKER, LeakGuard
from secretscope.testing._override import override_secrets
from secretscope.testing._pytest import pytest
from secretscope.testing._reads import secret_reads
from secretscope.testing._tenant import open_tenant

__all__ = [
    "hand_clock",
    "open_tenant",
    "override_secrets",
    "scripted_source",
    "secret_reads",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("secretscope").addoption(
        "--leak-guard",
        action="store_true",
        help="fail a test whose output, logs, warnings or files hold a secret's value",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker, and the guard."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(off=False): put canaries in the place of stores' values, and fail the "
        "test if one appears in its output, logs, warnings, tracebacks or files; "
        "off=True exempts a test from --leak-guard",
    )
    guard = LeakGuard(always=bool(config.getoption("--leak-guard")))
    config.pluginmanager.register(guard, "secretscope-leak-guard")
