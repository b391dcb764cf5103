"""A whole secret where it, or fields of it, are overridden."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from secretscope.values import Secret, fields_of


def whole(over: Mapping[str, str], base: str, read: Callable[[], Secret]) -> Secret:
    """Return a secret whose overridden fields take the place of the store's.

    Args:
        over: what is overridden, by ref: the secret as a text, or fields of it.
        base: the secret's ref.
        read: gives the store's secret; it must have one, where only fields are given.
    """
    if base in over:
        return Secret(over[base])
    return _with(_fields(over, base), read())


async def resolve_whole(
    over: Mapping[str, str], base: str, read: Callable[[], Awaitable[Secret]]
) -> Secret:
    """Return what `whole` does, where the store's secret has to be fetched."""
    if base in over:
        return Secret(over[base])
    return _with(_fields(over, base), await read())


def _fields(over: Mapping[str, str], base: str) -> dict[str, str]:
    return {
        ref.partition("#")[2]: value
        for ref, value in over.items()
        if ref.startswith(f"{base}#")
    }


def _with(given: Mapping[str, str], secret: Secret) -> Secret:
    if not given:
        return secret
    if secret.is_text:
        text = secret.reveal()
        fields = fields_of(text) or {"value": text}
    else:
        fields = {name: secret.reveal(name) for name in secret.fields}
    return Secret({**fields, **given}, version=secret.version)
