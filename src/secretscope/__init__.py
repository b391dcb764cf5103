"""Secrets for dependency-injector applications, scoped, rotated and redacted."""

from secretscope.agent import (
    Agent,
    AnthropicModel,
    EchoModel,
    OpenAIModel,
    Tuning,
)
from secretscope.backends.chain import ChainSecrets
from secretscope.backends.env import EnvSecrets
from secretscope.backends.files import FileSecrets
from secretscope.backends.memory import DictSecrets
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import *  # noqa: F403 - the whole tree, by its __all__
from secretscope.protocols import Secrets, Source
from secretscope.providers import (
    AgentFactory,
    ScopedSecrets,
    SecretsBackend,
    SecretsContainer,
    SecretValue,
    lifetime,
    needs,
)
from secretscope.redaction import redact
from secretscope.values import Secret
