"""The grammar of tenant names."""

from __future__ import annotations

import re

from secretscope.errors import ConfigurationError, InvalidTenantError

TENANT_NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}"
"""What every tenant name must match; ASCII alone, so that no two look alike."""

_DEFAULT = re.compile(TENANT_NAME)
_CLASS = re.compile(r"\[(?:\\.|[^\]\\^])(?:\\.|[^\]\\])*\]|[A-Za-z0-9_@]|\\[.@-]")
_TIMES = re.compile(r"\{\d+(?:,\d*)?\}|[+*?]")


class TenantNames:
    """The names that tenants may have: the grammar above, or a narrower one."""

    def __init__(self, narrower: str | None = None) -> None:
        self.grammar = narrower or TENANT_NAME
        try:
            self._narrower = re.compile(self.grammar)
        except re.error as fault:
            reason = str(fault)
        else:
            return
        raise ConfigurationError(f"tenants.names is no regular expression: {reason}")

    def check(self, name: str) -> str:
        """Return the name if it is one.

        Raises:
            InvalidTenantError: It is outside the grammar.
        """
        if not isinstance(name, str) or not self.holds(name):
            raise InvalidTenantError(name, grammar=self.grammar)
        return name

    def holds(self, name: str) -> bool:
        """Tell whether the text is such a name."""
        return bool(_DEFAULT.fullmatch(name) and self._narrower.fullmatch(name))

    def can_hold(self, character: str) -> bool:
        """Tell whether some name may hold the character; in doubt, yes.

        A narrower grammar counts where it is a row of character classes, such as
        ``[a-z][a-z0-9-]{0,62}``; any other expression counts as the default one.
        """
        if not re.fullmatch(r"[A-Za-z0-9._@-]", character):
            return False
        classes = self._classes()
        return classes is None or any(re.fullmatch(c, character) for c in classes)

    def _classes(self) -> list[str] | None:
        found: list[str] = []
        at = 0
        while at < len(self.grammar):
            piece = _CLASS.match(self.grammar, at)
            if piece is None:
                return None
            found.append(piece.group())
            times = _TIMES.match(self.grammar, piece.end())
            at = times.end() if times else piece.end()
        return found
