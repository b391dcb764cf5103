"""Settings of a ``.env`` file."""

from __future__ import annotations

from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._options import a_path, number, options


def _build(settings: Settings) -> Secrets:
    made: Secrets = door("dotenv").DotenvSecrets(
        policy=settings.policy, **settings.given("path", "poll")
    )
    return made


DOTENV = Backend(
    "dotenv", _build, options({"path": a_path, "poll": number(above=True)})
)
