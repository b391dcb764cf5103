"""HashiCorp Vault and OpenBao, over their HTTP API (the extra ``vault``)."""

from secretscope.backends.vault._client import ClientSource
from secretscope.backends.vault._given import Called, File, Stored, Text, Variable
from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._login import Auth, Door, Grant
from secretscope.backends.vault._reach import Cluster
from secretscope.backends.vault._secrets import VaultSecrets
from secretscope.backends.vault._server import Server
from secretscope.backends.vault._settings import METHODS, arguments
from secretscope.backends.vault._source import VaultSource
from secretscope.backends.vault._tenants import Tenants
from secretscope.backends.vault._tls import Tls
from secretscope.backends.vault._transport import Transport
from secretscope.backends.vault.auth import (
    AppRole,
    AwsIam,
    Cert,
    Jwt,
    Kubernetes,
    Token,
    Userpass,
)

__all__ = [
    "METHODS",
    "AppRole",
    "Auth",
    "AwsIam",
    "Called",
    "Cert",
    "ClientSource",
    "Cluster",
    "Door",
    "File",
    "Grant",
    "Jwt",
    "Kubernetes",
    "Layout",
    "Server",
    "Stored",
    "Tenants",
    "Text",
    "Tls",
    "Token",
    "Transport",
    "Userpass",
    "Variable",
    "VaultSecrets",
    "VaultSource",
    "arguments",
]
