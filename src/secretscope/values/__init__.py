"""The words of the library: a secret, its ref and tenant, and what is told of them."""

from secretscope.values._called import called
from secretscope.values._fields import field_of, fields_of
from secretscope.values._ref import Ref, parse_ref, split_location
from secretscope.values._rotation import Rotation
from secretscope.values._secret import Secret
from secretscope.values._status import SecretStatus, TenantStatus
from secretscope.values._tenant import TENANT_NAME, TenantNames

__all__ = [
    "TENANT_NAME",
    "Ref",
    "Rotation",
    "Secret",
    "SecretStatus",
    "TenantNames",
    "TenantStatus",
    "called",
    "field_of",
    "fields_of",
    "parse_ref",
    "split_location",
]
