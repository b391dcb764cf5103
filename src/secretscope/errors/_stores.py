"""What a store did not do: answer, in time, with leave, with something usable."""

from secretscope.errors._root import SecretScopeError


class StoreError(SecretScopeError):
    """A store that did not do its part.

    Attributes:
        store: the store's name, without credentials.
        ref: what was asked for, if one thing was.
        retry_after: seconds the store asked us to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        store: str,
        ref: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.store = store
        self.ref = ref
        self.retry_after = retry_after


class StoreUnavailableError(StoreError, ConnectionError):
    """The store could not be reached, or is sealed, overloaded or broken.

    Attributes:
        reason: what is known of it.
        asked: whether it was asked at all; not where it is known to have an outage.
    """

    def __init__(
        self,
        store: str,
        *,
        ref: str | None = None,
        reason: str = "it could not be reached",
        retry_after: float | None = None,
        asked: bool = True,
    ) -> None:
        wanted = f" for {ref!r}" if ref else ""
        verb = "did not answer" if asked else "was not asked"
        super().__init__(
            f"{store} {verb}{wanted}: {reason}; "
            "this says nothing about whether the secret is there: try again later",
            store=store,
            ref=ref,
            retry_after=retry_after,
        )
        self.reason = reason
        self.asked = asked


class StoreTimeoutError(StoreError, TimeoutError):
    """The store took longer than it may."""

    def __init__(self, store: str, *, ref: str | None = None, seconds: float) -> None:
        asked = f" for {ref!r}" if ref else ""
        super().__init__(
            f"{store} did not answer{asked} within {seconds:g} s: "
            "try again later, or give it longer",
            store=store,
            ref=ref,
        )
        self.seconds = seconds


class AccessDeniedError(StoreError, PermissionError):
    """The store knows us and says no."""

    def __init__(
        self, store: str, *, ref: str | None = None, reason: str = "permission denied"
    ) -> None:
        asked = f" for {ref!r}" if ref else ""
        super().__init__(
            f"{store} refused{asked}: {reason}; "
            "check what this application's credentials may read there",
            store=store,
            ref=ref,
        )
        self.reason = reason


class MalformedSecretError(StoreError, ValueError):
    """A store handed out something that is no secret."""

    def __init__(self, store: str, *, ref: str, expected: str, cure: str = "") -> None:
        super().__init__(
            f"{store} gave no usable value for {ref!r}: expected {expected}"
            f"{'; ' + cure if cure else ''}",
            store=store,
            ref=ref,
        )
        self.expected = expected


class ConflictError(StoreError):
    """A write lost the race: somebody else changed the secret first."""

    def __init__(self, store: str, *, ref: str) -> None:
        super().__init__(
            f"{ref!r} changed in {store} since it was read: read it again, then store",
            store=store,
            ref=ref,
        )


class ReadOnlyStoreError(StoreError, NotImplementedError):
    """A store that cannot be written to."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} is read-only: write to a DictSecrets, a FileSecrets or "
            "a store of your own",
            store=store,
        )
