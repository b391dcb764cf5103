"""What tests need: the contract of a store, and fakes to put in its place."""

from secretscope.testing._contract import SecretsContract
from secretscope.testing._override import OverrideSecrets, override_secrets
from secretscope.testing._source_contract import SourceContract

__all__ = ["OverrideSecrets", "SecretsContract", "SourceContract", "override_secrets"]
