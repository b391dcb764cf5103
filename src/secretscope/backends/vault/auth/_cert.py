"""A TLS client certificate, which `Tls.cert_file` names.

https://developer.hashicorp.com/vault/api-docs/auth/cert
"""

from __future__ import annotations

from attrs import frozen

from secretscope.backends.vault._login import Door, Grant
from secretscope.errors import ConfigurationError


@frozen
class Cert:
    """The cert method.

    Attributes:
        name: which certificate role is asked for; None lets the server choose.
        mount: where the method is enabled.
    """

    name: str | None = None
    mount: str = "cert"

    async def login(self, door: Door) -> Grant:
        """Log in with the certificate that the connection shows.

        Raises:
            ConfigurationError: No certificate is configured.
        """
        server = door.transport.server
        if server.tls.cert_file is None and server.client is None:
            raise ConfigurationError(
                "vault.tls.cert_file: is not set, and the cert login shows it"
            )
        body = {} if self.name is None else {"name": self.name}
        return await door.login(f"{self.mount}/login", body, by="cert")
