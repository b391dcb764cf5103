"""TLS to a Redis server: its certificate has to be good, and to bear its name."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from secretscope.errors import ConfigurationError


def tls_context(
    ca_file: str | None, cert_file: str | None, key_file: str | None
) -> ssl.SSLContext:
    """Return what a connection is made with; it reads the files anew.

    Args:
        ca_file: a PEM file of the authorities that are trusted; without it, the
            system's own store is.
        cert_file: a PEM file that we show as ours.
        key_file: its key, where that is not in the same file.

    Raises:
        ConfigurationError: A file is not there, or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # it trusts nobody else
        _read(lambda: context.load_verify_locations(ca_file), "fleet.ca_file")
    if cert_file is not None:
        _read(lambda: context.load_cert_chain(cert_file, key_file), "fleet.cert_file")
    return context


def refuse_useless(
    url: str, ca_file: str | None, cert_file: str | None, key_file: str | None
) -> None:
    """Refuse files that nothing would be done with.

    Raises:
        ConfigurationError: The address speaks no TLS, or a key has no certificate.
    """
    given = {"ca_file": ca_file, "cert_file": cert_file, "key_file": key_file}
    names = [f"fleet.{name}" for name, file in given.items() if file is not None]
    if names and not url.startswith("rediss:"):
        raise ConfigurationError(
            f"{', '.join(names)}: fleet.url speaks no TLS; make it rediss://"
        )
    if key_file is not None and cert_file is None:
        raise ConfigurationError("fleet.cert_file: is not set, though its key is")


def _read(read: Callable[[], object], option: str) -> None:
    try:
        read()
    except ssl.SSLError:
        reason = "holds no certificate in PEM that can be used"
    except OSError as error:
        reason = f"can't be read: {error.strerror}"
    else:
        return
    raise ConfigurationError(f"{option}: {reason}")
