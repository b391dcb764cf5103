"""Settings and objects that cannot work, whoever reads them."""

from collections.abc import Sequence
from typing import Self

from secretscope.errors._nearest import nearest
from secretscope.errors._root import SecretScopeError


class ConfigurationError(SecretScopeError, ValueError):
    """Settings that cannot work; every fault is named at once, with its path."""

    def __init__(self, *faults: str) -> None:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        one = faults[0] if len(faults) == 1 else f"{len(faults)} faults:\n{lines}"
        super().__init__(f"the configuration cannot work: {one}")
        self.faults = faults


class UnknownModelError(ConfigurationError):
    """A model name that no adapter answers to."""

    def __init__(self, model: str, *, known: Sequence[str]) -> None:
        super().__init__(
            f"no adapter knows the model {model!r}{nearest(model, known)}; "
            f"use a name that begins with one of {', '.join(known)}, "
            "or pass a model object"
        )
        self.model = model


class UnknownStoreError(ConfigurationError):
    """A store was named that this lifetime does not hold."""

    def __init__(self, store: str, *, known: Sequence[str]) -> None:
        super().__init__(
            f"{store} is no ScopedSecrets of this lifetime: "
            "pass one of the container that is open, such as "
            f"`on=app.secrets` of `app = App()`; it has {', '.join(known) or 'none'}"
        )
        self.store = store


class NotSecretsError(SecretScopeError, TypeError):
    """An object was given as secrets that lacks a method of the protocol."""

    def __init__(
        self, kind: str, *, missing: Sequence[str], is_class: bool = False
    ) -> None:
        super().__init__(
            f"{kind} is a class: pass an instance of it, {kind}(...)"
            if is_class
            else f"{kind} cannot serve as secrets, it has no {', '.join(missing)}(): "
            "add resolve, store, redact and lookup_sync (the protocol is Secrets)",
        )
        self.kind = kind
        self.missing = tuple(missing)

    @classmethod
    def of(cls, given: object) -> Self:
        """Say what an object lacks that was given as secrets."""
        if isinstance(given, type):
            return cls(given.__name__, missing=(), is_class=True)
        lacking = [
            name
            for name in ("resolve", "store", "redact", "lookup_sync")
            if not callable(getattr(given, name, None))
        ]
        return cls(type(given).__name__, missing=lacking)


class MissingExtraError(SecretScopeError, ImportError):
    """The package behind an optional part is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs an extra: pip install 'secretscope[{extra}]'",
        )
        self.what = what
        self.extra = extra
