"""What both stores of AWS share: access, the client, faults, locations, batches."""

from secretscope.backends._aws._access import AwsAccess, AwsRole
from secretscope.backends._aws._batch import in_groups
from secretscope.backends._aws._client import AwsClient
from secretscope.backends._aws._fault import UNREADABLE, Fault, Kind, fault_of
from secretscope.backends._aws._location import (
    ParameterPlace,
    SecretPlace,
    parameter_place,
    secret_place,
)
from secretscope.backends._aws._source import AwsStore
from secretscope.backends._aws._write import SecretWrite

__all__ = [
    "UNREADABLE",
    "AwsAccess",
    "AwsClient",
    "AwsRole",
    "AwsStore",
    "Fault",
    "Kind",
    "ParameterPlace",
    "SecretPlace",
    "SecretWrite",
    "fault_of",
    "in_groups",
    "parameter_place",
    "secret_place",
]
