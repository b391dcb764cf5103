"""A token that somebody gave us.

https://developer.hashicorp.com/vault/api-docs/auth/token
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from secretscope.backends.vault._environment import variable
from secretscope.backends.vault._given import File, Given, Text, given
from secretscope.backends.vault._login import Door, Grant
from secretscope.backends.vault._refusals import refusal
from secretscope.backends.vault._reply import seconds

LOOKUP = "auth/token/lookup-self"
_OPTION = "vault.auth.token"
_HOME = "~/.vault-token"


def _given(value: Any) -> Given | None:  # noqa: ANN401
    return None if value is None else given(value, _OPTION)


@frozen
class Token:
    """A token from elsewhere; it is renewed, and never revoked, since it is not ours.

    Attributes:
        token: the token, or where it is read anew at each login: a path, a function,
            ``(secrets, ref)``. None is ``BAO_TOKEN``, ``VAULT_TOKEN`` or the file
            ``~/.vault-token``, as the command line takes it.
    """

    token: Given | None = field(default=None, converter=_given)

    async def login(self, door: Door) -> Grant:
        """Take the token, and ask how long it lives.

        A token that may not ask that is taken all the same: what it may read, the
        reads will tell.
        """
        token = await self._source().read(_OPTION)
        reply = await door.ask("GET", LOOKUP, token=token)
        if reply.status == 403:
            return Grant(token, None, renewable=False, ours=False)
        data = reply.part("data")
        if reply.status != 200 or data is None:
            raise refusal(reply, store=door.name, ref=LOOKUP)
        renewable = data.get("renewable") is True
        return Grant(token, seconds(data.get("ttl")), renewable, ours=False)

    def _source(self) -> Given:
        if self.token is not None:
            return self.token
        named = variable("TOKEN")
        return File(_HOME) if named is None else Text(named)
