"""Litestar: errors that are the ASGI door's to answer are handed on to it.

::

    app = Litestar([charge], exception_handlers=HANDED_ON)
    app = SecretsMiddleware(app, lifetime(container), tenant=from_header("x-tenant"))
"""

from __future__ import annotations

from typing import Any, NoReturn

from secretscope.integrations._web import TOLD

__all__ = ["HANDED_ON"]


def _hand_on(request: Any, error: Exception) -> NoReturn:  # noqa: ANN401
    raise error


HANDED_ON: dict[int | type[Exception], Any] = dict.fromkeys(TOLD, _hand_on)
"""The handlers of errors to give to Litestar, which else answers those by itself."""
