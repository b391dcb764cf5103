"""Settings of the machine's keyring."""

from __future__ import annotations

from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._options import options, text


def _build(settings: Settings) -> Secrets:
    made: Secrets = door("keyring").KeyringSecrets(
        policy=settings.policy, **settings.given("service", "backend")
    )
    return made


KEYRING = Backend(
    "keyring",
    _build,
    options(
        {"service": text, "backend": text},
        service="names the service in the keyring, such as your application",
    ),
)
