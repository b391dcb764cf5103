"""Composite: how a provider of ours is copied with its container, and drawn."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from dependency_injector import providers

T = TypeVar("T")


class Composite(providers.Provider[T], Generic[T]):
    """A provider made of others: each container has a copy of its own, parts and all.

    Its classes can be made without arguments: so copies begin.
    """

    __slots__ = ()

    _parts: ClassVar[tuple[str, ...]] = ()
    """The attributes that may hold a provider: copied with it, and drawn beneath it."""
    _facts: ClassVar[tuple[str, ...]] = ()
    """The attributes that a copy shares."""

    def __deepcopy__(self, memo: dict[Any, Any] | None = None) -> Any:
        memo = {} if memo is None else memo
        copied = memo.get(id(self))
        if copied is not None:
            return copied
        copied = type(self)()
        memo[id(self)] = copied
        for name in self._facts:
            setattr(copied, name, getattr(self, name))
        for name in self._parts:
            part = getattr(self, name)
            if isinstance(part, providers.Provider):
                part = providers.deepcopy(part, memo)
            setattr(copied, name, part)
        self._copy_overridings(copied, memo)
        return copied

    @property
    def related(self) -> Any:
        """Yield the providers it depends on."""
        for name in self._parts:
            part = getattr(self, name)
            if isinstance(part, providers.Provider):
                yield part
        yield from super().related
