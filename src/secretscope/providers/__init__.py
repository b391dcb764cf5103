"""dependency-injector's side: stores, readers and agents as providers."""

from secretscope.providers._agent import AgentFactory
from secretscope.providers._backend import SecretsBackend
from secretscope.providers._container import SecretsContainer
from secretscope.providers._facade import AppReader
from secretscope.providers._fields import SecretFields
from secretscope.providers._getter import SecretGetter
from secretscope.providers._lifetime import lifetime
from secretscope.providers._needs import Needs, needs
from secretscope.providers._readings import Reading, readers, readings
from secretscope.providers._rotating import Rotating
from secretscope.providers._scoped import ScopedSecrets
from secretscope.providers._value import SecretValue

__all__ = [
    "AgentFactory",
    "AppReader",
    "Needs",
    "Reading",
    "Rotating",
    "ScopedSecrets",
    "SecretFields",
    "SecretGetter",
    "SecretValue",
    "SecretsBackend",
    "SecretsContainer",
    "lifetime",
    "needs",
    "readers",
    "readings",
]
