"""Defaulted: what the providers of one value share, which may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from dependency_injector import providers

from secretscope.protocols import Secrets
from secretscope.providers._one_secret import OneSecret

if TYPE_CHECKING:  # what runs knows of defaults of type variables from 3.13 on
    from typing_extensions import TypeVar as DefaultingTypeVar

    V = DefaultingTypeVar("V", default=str)
else:
    V = TypeVar("V")
"""A value's type: `str`, or `str | None` with ``default=None``."""

D = TypeVar("D")
P = TypeVar("P")

REQUIRED: Any = object()
"""Stands for a default that was not given."""


class Defaulted(OneSecret[P], Generic[P]):
    """Reads one secret, or gives a default where the secret is missing.

    Args:
        secrets: as of `OneSecret`.
        ref: as of `OneSecret`.
        default: what is given where the secret is missing; without one it is required.
    """

    __slots__ = ("default",)
    _facts: ClassVar[tuple[str, ...]] = ("default",)

    def __init__(
        self,
        secrets: providers.Provider[Any] | Secrets | None = None,
        ref: str | providers.Provider[Any] = "",
        *,
        default: Any = REQUIRED,
    ) -> None:
        self.default = default
        super().__init__(secrets, ref)

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        required = self.default is REQUIRED
        return ((self.name,), ()) if required else ((), (self.name,))
