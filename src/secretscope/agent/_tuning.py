"""The rarely touched knobs of an agent, and where its secrets come from."""

from __future__ import annotations

from attrs import Attribute, field, frozen, validators

from secretscope.errors import NotSecretsError
from secretscope.protocols import Secrets


def _is_secrets(_: Tuning, __: Attribute[Secrets | None], value: object) -> None:
    if value is None or (isinstance(value, Secrets) and not isinstance(value, type)):
        return
    raise NotSecretsError.of(value)


@frozen(kw_only=True)
class Tuning:
    """How an agent behaves; every knob has a default that is safe in production.

    Attributes:
        secrets: where keys are read; any Secrets.
        max_tokens: the most tokens that a model may answer with, a turn.
        temperature: the model's own default where it is None.
        retries: how often a failed call is tried again, before its first chunk.
        retry_cap: seconds that is waited at most before a further try.
        tool_timeout: seconds that one tool call may take.

    Raises:
        TypeError: A knob that there is not.
        NotSecretsError: `secrets` lacks one of the four methods.
    """

    secrets: Secrets | None = field(default=None, validator=_is_secrets)
    max_tokens: int = field(default=4096, validator=validators.ge(1))
    temperature: float | None = None
    retries: int = field(default=3, validator=validators.ge(0))
    retry_cap: float = field(default=20.0, validator=validators.ge(0))
    tool_timeout: float = field(default=60.0, validator=validators.gt(0))
