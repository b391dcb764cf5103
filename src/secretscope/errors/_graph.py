"""A container that cannot be given its secrets, or not all of them."""

from collections.abc import Sequence

from secretscope.errors._root import SecretScopeError


class GraphError(SecretScopeError, TypeError):
    """A container that cannot be given its secrets as it stands."""


class CaptiveError(GraphError):
    """A provider that lives long would keep one tenant's key for all."""

    def __init__(self, *paths: str) -> None:
        lines = "\n".join(f"  - {path}" for path in paths)
        super().__init__(
            "these would keep the first tenant's secret and hand it to all, or keep "
            f"what has been rotated:\n{lines}\n"
            "Make each a Rotating: it keeps one for each tenant, and builds it anew when "
            "its secret rotates; or a Factory: it reads the secret each time it builds",
        )
        self.paths = paths


class CycleError(GraphError):
    """Stores that need each other to open."""

    def __init__(self, *path: str) -> None:
        super().__init__(
            f"these need each other to open: {' -> '.join(path)}; "
            "take one of their settings from elsewhere",
        )
        self.path = path


class AsyncioOnlyError(GraphError):
    """Providers that dependency-injector can only run on asyncio."""

    def __init__(self, *paths: str) -> None:
        lines = "\n".join(f"  - {path}" for path in paths)
        super().__init__(
            "dependency-injector runs these on asyncio alone, and this is trio:\n"
            f"{lines}\nBuild them in the body of the lifetime, or make them sync",
        )
        self.paths = paths


class AmbiguousStoreError(GraphError):
    """A need that does not say which store it reads."""

    def __init__(self, need: str, *, stores: Sequence[str]) -> None:
        found = ", ".join(stores)
        super().__init__(
            f"{need} declares secrets but reads "
            + (
                f"none of {found} itself: say which with secrets=..."
                if stores
                else "no store, and the container has none: add a SecretsBackend"
            ),
        )
        self.stores = tuple(stores)


class WarmUpError(SecretScopeError):
    """Required refs that could not be had; one error names them all.

    Attributes:
        faults: one sentence a ref: who needs it, where it was looked for, the cure.
        refs: the refs, in the order of the faults.
        causes: what the stores raised, by ref, for those that failed.
    """

    def __init__(
        self, faults: Sequence[tuple[str, str]], causes: dict[str, Exception]
    ) -> None:
        lines = "\n".join(f"  - {line}" for _, line in faults)
        super().__init__(f"{len(faults)} required secret(s) cannot be had:\n{lines}")
        self.refs = tuple(ref for ref, _ in faults)
        self.faults = tuple(line for _, line in faults)
        self.causes = causes
