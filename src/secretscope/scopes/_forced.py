"""What a test puts before everything that a lifetime reads, in whatever task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretscope.scopes._frame import NO_OVERRIDES, Overrides
from secretscope.scopes._scope import Scope
from secretscope.values import fields_of


def force(
    scope: Scope, values: Mapping[str, str], *, tenant: str | None = None
) -> Callable[[], None]:
    """Let every frame of a tenant, or of the application, read these values.

    No ContextVar is involved: frames that are open, frames that are opened later, tasks,
    threads and other loops read them alike. What a block overrides goes before them.
    The application's reach a backend that is read directly, too, and tenants that
    inherit them and have none of their own. A value that is a JSON object gives its
    fields, as it would in a store.

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
    before = scope.forced.get(tenant, NO_OVERRIDES)
    now = {**before, **_with_fields(values)}
    _replace(scope, tenant, before, now)
    return lambda: _replace(scope, tenant, now, before)


def _with_fields(values: Mapping[str, str]) -> dict[str, str]:
    fields = {
        f"{ref}#{name}": field
        for ref, value in values.items()
        if "#" not in ref
        for name, field in (fields_of(value) or {}).items()
    }
    return {**fields, **values}


def _replace(scope: Scope, tenant: str | None, old: Overrides, new: Overrides) -> None:
    """Put new values in the place of the old ones; blocks' own overrides stay."""
    scope.forced[tenant] = new
    if tenant is None:
        scope.app.forced = new
    for frame in scope.base.family():
        if frame.tenant == tenant and not frame.ended:
            over = frame.over or NO_OVERRIDES
            own = {
                ref: value for ref, value in over.items() if old.get(ref) is not value
            }
            frame.over = {**new, **own} or None
