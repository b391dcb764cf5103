"""A ref that cannot be read here and now: missing, cold, expired, nobody's."""

from __future__ import annotations

from secretscope.errors._root import SecretScopeError


class SecretReadError(SecretScopeError, KeyError):
    """A ref that cannot be read here and now."""

    def __init__(self, message: str, *, ref: str) -> None:
        super().__init__(message)
        self.ref = ref


class MissingSecretError(SecretReadError):
    """The store said that it does not hold the secret."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            f"secret {ref!r} not present in {where}: "
            f"{cure or 'store it there, or correct the ref'}",
            ref=ref,
        )
        self.where = where
        self.cure = cure

    def seen_as(self, ref: str, *, where: str) -> MissingSecretError:
        """Return the same of a ref as its reader knows it, with the store's cure.

        A store that has none keeps the ref at the location that this error names.

        Args:
            ref: what was asked for.
            where: where it was looked for; the store's own word follows in brackets.
        """
        kinds = (DestroyedSecretError, DeletedSecretError, MissingSecretError)
        kind = next(kind for kind in kinds if isinstance(self, kind))
        place = where if where == self.where else f"{where} ({self.where})"
        cure = self.cure
        if cure is None and self.ref != ref:
            cure = f"store it there at {self.ref}, or correct the ref"
        return kind(ref, where=place, cure=cure)


class DeletedSecretError(MissingSecretError):
    """The secret's newest version has been deleted; it may be restored."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            ref,
            where=where,
            cure=cure
            or "its newest version was deleted; undelete it or store a new one",
        )


class DestroyedSecretError(MissingSecretError):
    """The secret's newest version has been destroyed for good."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            ref,
            where=where,
            cure=cure or "its newest version was destroyed for good; store a new one",
        )


class NotWarmError(SecretReadError):
    """A secret was read before its scope had fetched it."""

    def __init__(self, ref: str, *, where: str) -> None:
        super().__init__(
            f"{ref!r} is not warm in {where}: "
            "declare it as a need, or `await secrets.resolve(...)` first",
            ref=ref,
        )
        self.where = where


class ExpiredError(SecretReadError):
    """What was fetched has run out and nothing newer has arrived."""

    def __init__(self, ref: str, *, where: str) -> None:
        super().__init__(
            f"{ref!r} has expired in {where}: "
            "`await secrets.resolve(...)` fetches it again",
            ref=ref,
        )
        self.where = where


class NoTenantError(SecretReadError):
    """A ref that belongs to tenants was read outside any tenant."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref!r} belongs to tenants and no tenant is entered here: "
            "read it inside `secrets.tenant(...)`, or name it in "
            "secrets.tenants.inherit; a bare thread has lost its frame: "
            "start it with anyio.to_thread",
            ref=ref,
        )
