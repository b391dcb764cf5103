"""Mounted files, one a secret, as Docker and Kubernetes lay them out."""

from secretscope.backends.files._secrets import FileSecrets
from secretscope.backends.files._source import FileSource

__all__ = ["FileSecrets", "FileSource"]
