"""What stands for a reader where a block is of several stores."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import NoReturn

from secretscope.errors import AmbiguousStoreError
from secretscope.scopes._override import Override
from secretscope.scopes._reader import Reader


class SeveralStores(Reader):
    """Reads none of the stores: it can't know which one is meant.

    Args:
        names: what the stores are called.
        tenant: whose block it is; None is the application.
    """

    __slots__ = ("_names", "tenant")

    def __init__(self, names: Sequence[str], tenant: str | None) -> None:
        self._names = tuple(names)
        self.tenant = tenant

    def lookup_sync(self, ref: str) -> str | None:
        """Refuse.

        Raises:
            AmbiguousStoreError: Read `container.the_one()`.
        """
        self._here()

    def bind(self) -> NoReturn:
        """Refuse, as `lookup_sync` does."""
        self._here()

    def _here(self) -> NoReturn:
        raise AmbiguousStoreError("this reader", stores=self._names)

    def __repr__(self) -> str:
        return f"<secrets of {', '.join(self._names)}>"


class OverrideAll:
    """Overrides the same refs in several stores, for its block."""

    __slots__ = ("_names", "_overrides", "_stack")

    def __init__(self, names: Sequence[str], overrides: Sequence[Override]) -> None:
        self._names = names
        self._overrides = overrides
        self._stack = ExitStack()

    def __enter__(self) -> SeveralStores:
        with ExitStack() as stack:
            for override in self._overrides:
                stack.enter_context(override)
            self._stack = stack.pop_all()
        tenant = self._overrides[0].tenant if self._overrides else None
        return SeveralStores(self._names, tenant)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
