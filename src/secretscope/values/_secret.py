"""A secret: it is handed about freely, and only `reveal()` lets its value out."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NoReturn, Self

from secretscope.errors import MissingSecretError
from secretscope.values._fields import fields_of

_SOLE = ("value",)


class Secret:
    """A value, or several fields that belong together, as one snapshot.

    It never prints, formats, pickles or copies what it holds: `repr`, `str` and
    `format` show the version alone, pickling is a TypeError, and a copy is the
    object itself.

    Args:
        value: the text, or fields by name (a user name and its password, say).
        version: what the store calls this version, where it numbers them.
        fetched_at: when it was fetched, in seconds of the cache's own clock.
        expires_at: when it runs out, in seconds of the same clock; None is never.
        renewable: whether the store will prolong it (a lease).
        lease_id: what the store calls the lease, where there is one.
    """

    __slots__ = (
        "_fields",
        "expires_at",
        "fetched_at",
        "lease_id",
        "renewable",
        "version",
    )

    def __init__(
        self,
        value: str | Mapping[str, str],
        *,
        version: str | None = None,
        fetched_at: float | None = None,
        expires_at: float | None = None,
        renewable: bool = False,
        lease_id: str | None = None,
    ) -> None:
        self._fields: str | dict[str, str] = (
            value if isinstance(value, str) else dict(value)
        )
        self.version = version
        self.fetched_at = fetched_at
        self.expires_at = expires_at
        self.renewable = renewable
        self.lease_id = lease_id

    def reveal(self, field: str | None = None) -> str:
        """Return the value itself: the one way out.

        Args:
            field: which field (of a text: of the JSON object that it holds); without
                one, the text, the field named ``value``, or the only field there is.

        Raises:
            MissingSecretError: It has no such field; the error lists those it has.
        """
        if field is None and isinstance(self._fields, str):
            return self._fields
        fields = self._by_name()
        if field is None:
            sole = next(iter(fields)) if len(fields) == 1 else None
            field = "value" if "value" in fields else sole
        if field is not None and field in fields:
            return fields[field]
        raise MissingSecretError(
            f"#{field}" if field else "#",
            where="this secret",
            cure=f"name one of its fields after '#': {', '.join(fields) or 'none'}",
        )

    def _by_name(self) -> Mapping[str, str]:
        if isinstance(self._fields, str):
            return fields_of(self._fields) or {}
        return self._fields

    @property
    def is_text(self) -> bool:
        """Whether it is one text, and has no fields of its own."""
        return isinstance(self._fields, str)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields; ``("value",)`` where it is one text."""
        return _SOLE if isinstance(self._fields, str) else tuple(self._fields)

    def values(self) -> tuple[str, ...]:
        """Return every value it holds, for the set of known values to mask."""
        if isinstance(self._fields, str):
            return (self._fields,)
        return tuple(self._fields.values())

    def same_as(self, other: Secret) -> bool:
        """Tell in constant time per value whether both hold the same."""
        if self.is_text != other.is_text or set(self.fields) != set(other.fields):
            return False
        mine, theirs = self._pairs(), other._pairs()
        return all(
            hmac.compare_digest(mine[name].encode(*_UTF8), theirs[name].encode(*_UTF8))
            for name in mine
        )

    def _pairs(self) -> Mapping[str, str]:
        if isinstance(self._fields, str):
            return {"value": self._fields}
        return self._fields

    def __repr__(self) -> str:
        return f"<Secret version={self.version}>" if self.version else "<Secret>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        message = "a Secret is never pickled: hand on its ref, and resolve it there"
        raise TypeError(message)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


_UTF8 = ("utf-8", "surrogatepass")
