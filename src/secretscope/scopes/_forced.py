"""What a test puts before everything that a lifetime reads, in whatever task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretscope.scopes._frame import Frame, Overrides
from secretscope.scopes._scope import Scope


def force(
    scope: Scope, values: Mapping[str, str], *, tenant: str | None = None
) -> Callable[[], None]:
    """Let every frame of a tenant, or of the application, read these values.

    No ContextVar is involved: frames that are open, frames that are opened later, tasks,
    threads and other loops read them alike. What a block overrides goes before them.

    Args:
        scope: the store's scope, in its open lifetime.
        values: values by ref.
        tenant: whose frames; None is the application's.

    Returns:
        A function that takes them back.

    Raises:
        InvalidRefError: A ref is outside the grammar.
        MalformedSecretError: A value is no `str`.
    """
    scope.app.admit(values)
    before = scope.forced.get(tenant)
    scope.forced[tenant] = {**(before or {}), **values}
    changed: list[tuple[Frame, Overrides | None]] = []
    for frame in scope.base.family():
        if frame.tenant == tenant:
            changed.append((frame, frame.over))
            frame.over = {**scope.forced[tenant], **(frame.over or {})}

    def undo() -> None:
        if before is None:
            scope.forced.pop(tenant, None)
        else:
            scope.forced[tenant] = before
        for frame, over in changed:
            if not frame.ended:
                frame.over = over

    return undo
