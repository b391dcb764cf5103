"""Whom we trust, and what we show: certificates for HTTPS."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from secretscope.backends.vault._httpx import httpx2
from secretscope.errors import ConfigurationError

Path = str | os.PathLike[str]


@frozen
class Tls:
    """Certificates; without any, the system's own store is trusted.

    Attributes:
        ca_file: a PEM file of the authorities that are trusted instead.
        ca_path: a folder of such files.
        cert_file: a PEM file that we show as ours, for the cert login.
        key_file: its key, where that is not in the same file.
        server_name: the name that the server's certificate must bear, where it is
            not the host of the address.
    """

    ca_file: Path | None = None
    ca_path: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = field(default=None, repr=False)
    server_name: str | None = None

    def context(self) -> ssl.SSLContext:
        """Return what a connection is made with; it reads the files anew.

        Raises:
            ConfigurationError: A file is not there, or holds no certificate.
        """
        if self.ca_file or self.ca_path:
            context: ssl.SSLContext = _read(
                lambda: ssl.create_default_context(
                    cafile=self.ca_file, capath=self.ca_path
                ),
                "vault.tls.ca_file" if self.ca_file else "vault.tls.ca_path",
            )
        else:
            context = httpx2.create_ssl_context(trust_env=False)
        if self.cert_file:
            cert, key = self.cert_file, self.key_file
            _read(lambda: context.load_cert_chain(cert, key), "vault.tls.cert_file")
        return context


def _read(read: Callable[[], Any], option: str) -> Any:  # noqa: ANN401
    try:
        return read()
    except ssl.SSLError:
        reason = "holds no certificate in PEM that can be used"
    except OSError as error:
        reason = f"can't be read: {error.strerror or 'it holds none'}"
    raise ConfigurationError(f"{option}: {reason}")


def plain_context() -> ssl.SSLContext:
    """Return what trusts nobody: for addresses that are all plain HTTP."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
