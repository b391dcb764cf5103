"""Imports every module of an installed secretscope, warnings being errors.

``python -W error smoke.py [EXTRA ...]``: what the extras bring must import; the rest may
say which extra it wants, and nothing else.
"""

import importlib
import pkgutil
import sys
import warnings

import secretscope
from secretscope import MissingExtraError

BEHIND = {
    "vault": ("backends.vault",),
    "aws": ("backends.aws",),
    "gcp": ("backends.gcp",),
    "azure": ("backends.azure",),
    "keyring": ("backends.keyring",),
    "dotenv": ("backends.dotenv",),
    "redis": ("integrations.redis",),
    "http": ("integrations.live_keys",),
    "fast": ("redaction._hyperscan",),
    "opentelemetry": ("integrations.opentelemetry",),
    "structlog": ("integrations.structlog",),
    "cli": ("cli._run",),
    "fastapi": ("integrations.fastapi",),
    "flask": ("integrations.flask",),
    "django": ("integrations.django",),
    "testing": ("testing",),
}
"""What must import where an extra is installed."""
OTHERS = ("models", "trio", "watch")
"""Extras that no module imports as it is imported itself."""
ALL = ("vault", "aws", "gcp", "azure", "keyring", "dotenv", "redis", "http", "fast")


def main() -> None:
    # Google's packages warn of a Python's coming end
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    extras = set(sys.argv[1:])
    if "all" in extras:
        extras |= set(ALL)
    unknown = extras - set(BEHIND) - set(OTHERS) - {"all"}
    if unknown:
        raise SystemExit(f"no such extra: {', '.join(sorted(unknown))}")
    wanted = {
        f"secretscope.{module}" for extra in extras for module in BEHIND.get(extra, ())
    }
    found = pkgutil.walk_packages(
        secretscope.__path__, "secretscope.", onerror=lambda name: None
    )
    names = [each.name for each in found if each.name != "secretscope.__main__"]
    absent: dict[str, str] = {}
    for name in names:
        try:
            importlib.import_module(name)
        except MissingExtraError as missing:
            absent[name] = str(missing)
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.startswith("secretscope"):
                raise
            absent[name] = f"needs {missing.name}"
    broken = {name: absent[name] for name in wanted & set(absent)}
    lost = wanted - set(names)
    print(f"{len(names) - len(absent)} modules import, {len(absent)} want an extra")
    if broken or lost:
        raise SystemExit(f"do not import: {broken or sorted(lost)}")


main()
