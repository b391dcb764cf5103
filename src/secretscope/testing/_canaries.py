"""Canaries: values that stand for secrets in a test, and betray where they went."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from secretscope.errors import SecretScopeError
from secretscope.protocols import Secrets
from secretscope.redaction import KNOWN, KnownValues, Search
from secretscope.scopes import Kept, Scope, StoreView
from secretscope.testing._swap import swapped

FAKES: list[Secrets] = []
"""Stores that tests put in the place of others: their values are the tests' own."""

_SCOPES: WeakSet[Scope] = WeakSet()
"""What was opened since the plugin is there: a lifetime may serve many tests."""


@contextmanager
def scopes_followed() -> Generator[None]:
    """Know of every scope that is made in a block."""
    made: Callable[[Scope], None] = vars(Scope)["__attrs_post_init__"]

    def begun(scope: Scope) -> None:
        made(scope)
        _SCOPES.add(scope)

    with swapped(Scope, "__attrs_post_init__", begun):
        yield


def _views() -> Iterator[StoreView]:
    """Yield what the scopes that are open show."""
    for scope in list(_SCOPES):
        if not scope.base.ended:
            yield from (scope.app, *list(scope.tenants.values()))


class Canaries:
    """The canaries of one test.

    While they are out, what a store hands out through a lifetime is replaced by a
    canary, one for each secret. What the test itself put there (a fake, an override, an
    ``api_key``) is left as it is, and looked for like a canary.
    """

    def __init__(self) -> None:
        self._born: dict[tuple[str, str | None, str], str] = {}
        self._names: dict[str, str] = {}
        self._held: dict[str, str] = {}

    @contextmanager
    def out(self) -> Generator[None]:
        """Let them out for a block, from lifetimes that are open, too.

        What those have handed out before may have been built in, and is looked for.
        """
        for view in _views():
            for ref in view.refs():
                with suppress(SecretScopeError):  # there is none any longer
                    self._held[view.peek(ref)] = _name(ref, view.tenant)
            view.unpublish()
        try:
            with self._handed_out():
                yield
        finally:
            for view in _views():
                view.unpublish()

    @contextmanager
    def _handed_out(self) -> Generator[None]:
        checked: Callable[[Kept, str, object], str] = vars(Kept)["_checked"]
        learn: Callable[..., Any] = vars(KnownValues)["add"]

        def handed_out(view: Kept, ref: str, value: object) -> str:
            value = checked(view, ref, value)
            if any(view.kept_in is fake for fake in FAKES):
                return value
            self._names.pop(value, None)
            return self._canary(ref, view.tenant, value)

        def known(
            values: KnownValues, value: str, *, ref: str, tenant: str | None = None
        ) -> object:
            if values is KNOWN and value not in self._names:
                self._names[value] = _name(ref, tenant)
            return learn(values, value, ref=ref, tenant=tenant)

        with swapped(Kept, "_checked", handed_out), swapped(KnownValues, "add", known):
            yield

    def _canary(self, ref: str, tenant: str | None, value: str) -> str:
        born = self._born.get((ref, tenant, value))
        if born is None:
            born = self._born[ref, tenant, value] = f"canary{secrets.token_hex(16)}"
        KNOWN.add(born, ref=ref, tenant=tenant)
        return born

    def seen_in(self, texts: Iterable[tuple[str, str]]) -> list[str]:
        """Return a sentence for each secret and each place it stands in, encoded or not.

        Args:
            texts: each with the name of its place.
        """
        watched = KnownValues()
        names = {**self._held, **self._names}
        for value, name in names.items():
            watched.add(value, ref=name)
        search = Search(watched)
        return list(
            dict.fromkeys(
                f"{names.get(text[a:b], 'a secret, encoded,')} appeared in {place}"
                for place, text in texts
                for a, b in search.find(text)
            )
        )


def _name(ref: str, tenant: str | None) -> str:
    return ref if tenant is None else f"{ref} of tenant {tenant}"
