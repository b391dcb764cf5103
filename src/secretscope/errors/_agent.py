"""Agents: their models, tools, runs and audit logs."""

from secretscope.errors._root import SecretScopeError


class AgentError(SecretScopeError):
    """Something an agent could not do."""


class ToolDefinitionError(AgentError, TypeError):
    """A function that cannot be shown to a model as a tool."""

    def __init__(self, tool: str, *, reason: str) -> None:
        super().__init__(f"{tool} cannot be a tool: {reason}")
        self.tool = tool
        self.reason = reason


class MissingKeyError(AgentError, LookupError):
    """No step of a model's order found its key."""

    def __init__(self, ref: str, *, model: str, store: str | None) -> None:
        looked = f"{store} has no {ref!r}" if store else "no secrets are wired"
        super().__init__(
            f"{model} has no key: no api_key= was given, {looked}, and the environment "
            f"variable {ref} is not set; give it in one of the three",
        )
        self.ref = ref
        self.model = model


class ModelError(AgentError):
    """The model's service failed, or answered what cannot be used."""

    def __init__(self, model: str, *, reason: str, status: int | None = None) -> None:
        super().__init__(f"{model} failed: {reason}")
        self.model = model
        self.status = status


class AuthenticationError(AgentError, PermissionError):
    """The model's service refused the key, also after it was refreshed."""

    def __init__(self, model: str, *, ref: str) -> None:
        super().__init__(
            f"{model} refused the key it was given: rotate {ref} in its store, "
            "or correct api_key=",
        )
        self.model = model
        self.ref = ref


class RunTimeoutError(AgentError, TimeoutError):
    """A run took longer than its agent allows."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            f"the run took longer than {seconds:g} s: raise Agent(timeout=...) "
            "or ask for less",
        )
        self.seconds = seconds


class TurnLimitError(AgentError):
    """A run took more turns than its agent allows."""

    def __init__(self, *, turns: int) -> None:
        super().__init__(
            f"the run was not done after {turns} turns: raise Agent(max_turns=...) "
            "or look at what its tools answer",
        )
        self.turns = turns


class AuditError(AgentError):
    """An audit log that is not what was written."""

    def __init__(self, where: str, *, line: int, reason: str) -> None:
        super().__init__(
            f"{where}, entry {line}: {reason}; "
            "what follows it cannot be trusted: compare it with a copy",
        )
        self.where = where
        self.line = line
        self.reason = reason
