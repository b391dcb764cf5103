"""The words of the library: a secret, a ref, a tenant's name."""

from secretscope.values._fields import field_of, fields_of
from secretscope.values._ref import Ref, parse_ref, split_location
from secretscope.values._secret import Secret
from secretscope.values._tenant import TENANT_NAME, TenantNames

__all__ = [
    "TENANT_NAME",
    "Ref",
    "Secret",
    "TenantNames",
    "field_of",
    "fields_of",
    "parse_ref",
    "split_location",
]
