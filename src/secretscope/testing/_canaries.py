"""Canaries: values that stand for secrets in a test, and betray where they went."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from secretscope.protocols import Secrets
from secretscope.redaction import KNOWN, KnownValues, Search
from secretscope.scopes import Kept
from secretscope.testing._swap import swapped

FAKES: list[Secrets] = []
"""Stores that tests put in the place of others: their values are the tests' own."""


class Canaries:
    """The canaries of one test.

    While they are out, what a store hands out through a lifetime is replaced by a
    canary, one for each secret. What the test itself put there (a fake, an override, an
    ``api_key``) is left as it is, and looked for like a canary.
    """

    def __init__(self) -> None:
        self._born: dict[tuple[str, str | None, str], str] = {}
        self._names: dict[str, str] = {}

    @contextmanager
    def out(self) -> Generator[None]:
        """Let them out for a block."""
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
                whose = "" if tenant is None else f" of tenant {tenant}"
                self._names[value] = f"{ref}{whose}"
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
        for value, name in self._names.items():
            watched.add(value, ref=name)
        search = Search(watched)
        return list(
            dict.fromkeys(
                f"{self._names.get(text[a:b], 'a secret, encoded,')} appeared in {place}"
                for place, text in texts
                for a, b in search.find(text)
            )
        )
