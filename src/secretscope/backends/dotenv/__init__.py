"""A ``.env`` file, read by python-dotenv and never put into the environment."""

from secretscope.backends.dotenv._secrets import DotenvSecrets
from secretscope.backends.dotenv._source import DotenvSource

__all__ = ["DotenvSecrets", "DotenvSource"]
