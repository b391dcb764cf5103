"""A server that speaks the HTTP API of Vault and OpenBao, on loopback.

Every behaviour names the page of the API's documentation that it follows. Names such as
``kv-v2`` below stand for https://developer.hashicorp.com/vault/api-docs/... ; OpenBao's
pages (https://openbao.org/api-docs/...) say the same.
"""

from tests.backends.vault.double.core import Core, Hand, Seen
from tests.backends.vault.double.faults import Fault
from tests.backends.vault.double.http import Double, serving

__all__ = ["Core", "Double", "Fault", "Hand", "Seen", "serving"]
