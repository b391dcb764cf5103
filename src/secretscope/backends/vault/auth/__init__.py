"""The ways to log in to Vault and OpenBao."""

from secretscope.backends.vault.auth._approle import AppRole
from secretscope.backends.vault.auth._aws import AwsIam
from secretscope.backends.vault.auth._cert import Cert
from secretscope.backends.vault.auth._jwt import Jwt, Kubernetes
from secretscope.backends.vault.auth._token import Token
from secretscope.backends.vault.auth._userpass import Userpass

__all__ = [
    "AppRole",
    "AwsIam",
    "Cert",
    "Jwt",
    "Kubernetes",
    "Token",
    "Userpass",
]
