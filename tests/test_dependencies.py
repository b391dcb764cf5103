"""What is installed with secretscope alone is all that it imports."""

import ast
import sys
from pathlib import Path

import pytest

import secretscope

SOURCE = Path(secretscope.__file__).parent
CORE = {"anyio", "attr", "attrs", "dependency_injector", "secretscope"}
EXTRAS = {
    "backends/_aws/_boto.py": {"boto3", "botocore"},
    "backends/_disk/_alarm.py": {"watchfiles"},
    "backends/vault/_httpx.py": {"httpx2"},
    "cli/": {"click", "rich"},
    "backends/azure/": {"azure"},
    "backends/dotenv/_lines.py": {"dotenv"},
    "providers/_default.py": {"typing_extensions"},  # for type checkers alone
    "backends/gcp/": {"google", "google_crc32c", "grpc"},
    "backends/keyring.py": {"keyring"},
    "integrations/redis.py": {"coredis"},
    "redaction/_hyperscan.py": {"hyperscan"},
    "integrations/live_keys.py": {"anthropic", "httpx2", "openai"},
    "integrations/django.py": {"asgiref", "django"},
    "integrations/fastapi.py": {"fastapi"},
    "integrations/flask.py": {"flask"},
    "integrations/opentelemetry.py": {"opentelemetry"},
    "integrations/otel_metrics.py": {"opentelemetry"},
    "testing/": {"pytest"},
    "testing/_override.py": {"pytest"},
    "testing/_pytest.py": {"pytest"},
    "testing/_source_contract.py": {"pytest"},
}
"""The modules and folders that stand behind an extra, and what it brings."""
FILES = sorted(SOURCE.rglob("*.py"))


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_module_imports_only_what_is_declared(file: Path) -> None:
    path = file.relative_to(SOURCE).as_posix()
    extras = [names for at, names in EXTRAS.items() if path.startswith(at)]
    assert imported(file) <= CORE.union(*extras)
