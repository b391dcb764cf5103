"""What tests need: contracts, fixtures, a leak guard, a clock turned by hand, doubles."""

from secretscope.testing._clock import HandClock, settle
from secretscope.testing._contract import SecretsContract
from secretscope.testing._doubles import hand_clock, scripted_source
from secretscope.testing._override import OverrideSecrets, override_secrets
from secretscope.testing._reads import Read, SecretReads, secret_reads
from secretscope.testing._scripted import Call, ScriptedSource
from secretscope.testing._scripted_talents import (
    ScriptedBatches,
    ScriptedLeases,
    ScriptedLogins,
    ScriptedWatch,
)
from secretscope.testing._source_contract import SourceContract
from secretscope.testing._tenant import OpenTenant, open_tenant

__all__ = [
    "Call",
    "HandClock",
    "OpenTenant",
    "OverrideSecrets",
    "Read",
    "ScriptedBatches",
    "ScriptedLeases",
    "ScriptedLogins",
    "ScriptedSource",
    "ScriptedWatch",
    "SecretReads",
    "SecretsContract",
    "SourceContract",
    "hand_clock",
    "open_tenant",
    "override_secrets",
    "scripted_source",
    "secret_reads",
    "settle",
]
