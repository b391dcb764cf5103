"""Settings of mounted files."""

from __future__ import annotations

from secretscope.backends.files import FileSecrets
from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings
from secretscope.providers.settings._options import a_path, number, options, whole


def _build(settings: Settings) -> Secrets:
    return FileSecrets(
        settings.options["directory"],
        policy=settings.policy,
        **settings.given("max_bytes", "poll"),
    )


FILES = Backend(
    "files",
    _build,
    options(
        {
            "directory": a_path,
            "max_bytes": whole(least=1),
            "poll": number(above=True),
        },
        directory="names the folder of secrets",
    ),
)
