"""A dictionary in memory: for tests, demos and values an application already has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretscope.errors import MalformedSecretError, MissingSecretError
from secretscope.redaction import KNOWN, redact
from secretscope.values import Rotation, field_of, parse_ref


class DictSecrets:
    """Keeps secrets in a dictionary of its own; nothing outlives the process.

    ``NAME#field`` reads one field of a value that is a JSON object.

    Args:
        initial: values by ref; it is copied.

    Raises:
        InvalidRefError: A name is outside the grammar.
        MalformedSecretError: A value is no `str`.
    """

    owner: Callable[[str], str | None] | None = None
    """Tells which tenant a ref belongs to; set by the lifetime."""

    def __init__(self, initial: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, str] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._rotated: list[Callable[[Rotation], None]] = []
        self._versions: dict[str, int] = {}
        for ref, value in (initial or {}).items():
            self._put(ref, value)

    async def resolve(self, ref: str) -> str:
        """Return the value.

        Raises:
            MissingSecretError: It is not there (a KeyError naming the ref).
            InvalidRefError: The ref is outside the grammar.
        """
        return self.peek(ref)

    async def store(self, ref: str, value: str) -> None:
        """Keep the value; readers see it from now on.

        Raises:
            InvalidRefError: The ref is outside the grammar.
            MalformedSecretError: The value is no `str`.
        """
        old = self._values.get(ref)
        self._put(ref, value)
        base = parse_ref(ref).base
        for listener in tuple(self._listeners):
            listener(base)
        if old not in (None, value):
            version = self._versions.get(base, 1)
            self._versions[base] = version + 1
            tenant = self.owner(base) if self.owner else None
            told = Rotation(
                base,
                str(version),
                str(version + 1),
                tenant,
                store="DictSecrets",
                counted=True,
            )
            for rotated in tuple(self._rotated):
                rotated(told)

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        """Return the value, or None where there is none."""
        try:
            return self.peek(ref)
        except MissingSecretError:
            return None

    def peek(self, ref: str) -> str:
        """Return the value, or raise as `resolve` does."""
        name = parse_ref(ref)
        value = self._values.get(ref)
        if value is None and name.field is not None:
            whole = self._values.get(name.base)
            if whole is not None:
                value = field_of(whole, ref, store="DictSecrets")
        if value is None:
            raise MissingSecretError(ref, where="DictSecrets")
        KNOWN.add(value, ref=ref, tenant=self.owner(ref) if self.owner else None)
        return value

    def settled(self, ref: str) -> bool:
        """Tell that nobody else needs to be asked."""
        return True

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with the base of each ref that is stored."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each change of a value; versions are counted here."""
        self._rotated.append(listener)
        return lambda: self._rotated.remove(listener)

    def _put(self, ref: str, value: str) -> None:
        parse_ref(ref)
        if not isinstance(value, str):
            raise MalformedSecretError(
                "DictSecrets", ref=ref, expected=f"a str, not {type(value).__name__}"
            )
        self._values[ref] = value

    def __repr__(self) -> str:
        return f"DictSecrets({', '.join(sorted(self._values))})"
