"""The environment, a dictionary, and chains: what needs no settings of its own kind."""

from __future__ import annotations

from secretscope.backends.chain import ChainSecrets
from secretscope.backends.env import EnvSecrets
from secretscope.backends.memory import DictSecrets
from secretscope.providers.settings._backend import Backend
from secretscope.providers.settings._options import anything, each, options, text

ENV = Backend("env", lambda settings: EnvSecrets(), cached=False)

DICT = Backend(
    "dict",
    lambda settings: DictSecrets(settings.options),
    each(text, "a mapping of options"),
    cached=False,
)

CHAIN = Backend(
    "chain",
    lambda settings: ChainSecrets([link.store() for link in settings.chained]),
    options({"of": anything}),  # read with the settings of its stores
    cached=False,
)
