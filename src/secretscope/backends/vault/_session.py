"""One login, for any number of callers: its token, kept alive and given back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import define, field

from secretscope.backends.vault._login import Auth, Door, Grant, grant_of
from secretscope.backends.vault._once import Once
from secretscope.errors import AccessDeniedError, SecretScopeError, StoreError

_SHARE = 2 / 3
"""The part of a token's life after which it is renewed."""
_LOOKUP, _RENEW, _REVOKE = (
    f"auth/token/{act}-self" for act in ("lookup", "renew", "revoke")
)
_OK, _DENIED = 200, 403


@define(eq=False)
class _Held:
    """A token that we hold.

    Attributes:
        grant: the token, and what was said of it.
        ends: when it dies, by our clock; None is never.
        due: when it is renewed or replaced; None is never.
        leases_until: when the last lease that was made with it runs out.
        used: whether somebody took it since it was made or renewed.
    """

    grant: Grant
    ends: float | None
    due: float | None
    leases_until: float = 0.0
    used: bool = False


@define(eq=False)
class Session:
    """Logs in when a token is first needed, and again when it can't be renewed.

    Args:
        auth: the way to log in.
        door: where.
        clock: gives seconds, monotonic.
    """

    auth: Auth
    door: Door
    clock: Callable[[], float]
    trouble: str | None = None
    _held: _Held | None = None
    _old: list[_Held] = field(factory=list[_Held])
    _once: Once = field(factory=Once)

    async def token(self) -> str:
        """Return a token that lives, after a login or a renewal if need be.

        Raises:
            AccessDeniedError: The login was refused.
            StoreError: The server does not answer, and no token lives.
        """
        held = self._held
        if held is None or self._over(held.ends):
            await self._once.run("login", self._login)
        elif self._over(held.due):
            await self._once.run("renew", partial(self._renew, held))
        current = self._held
        if current is None:  # found dead, or closed, while we waited
            return await self.token()
        current.used = True
        return current.grant.token

    async def login(self) -> None:
        """Log in anew if the token is dead; if it lives, a policy has said no.

        Raises:
            AccessDeniedError: The login was refused, or gave the dead token again.
            StoreError: The server does not answer.
        """
        await self._once.run("relogin", self._relogin)

    def lend(self, token: str, lease_ends: float) -> float:
        """Note a lease that dies with its token; return when it really ends."""
        for held in (self._held, *self._old):
            if held is not None and held.grant.token == token:
                held.leases_until = max(held.leases_until, lease_ends)
                if held.ends is not None:
                    return min(lease_ends, held.ends)
        return lease_ends

    def made(self, token: str) -> bool:
        """Tell whether the token is the one that is current."""
        return self._held is not None and self._held.grant.token == token

    def due(self) -> float | None:
        """Return when a token that is in use must be renewed; None is never."""
        held = self._held
        if held is None or held.due is None:
            return None
        return held.due if held.used or not self._over(held.leases_until) else None

    async def keep(self) -> None:
        """Renew the token if it is time; a failure is told by `trouble`."""
        held = self._held
        if held is not None and self._over(self.due()):
            try:
                await self._once.run("renew", partial(self._renew, held))
            except Exception as error:  # noqa: BLE001 - the others are kept all the same
                self.trouble = _told(error)

    async def aclose(self) -> None:
        """Revoke every token that we made and that may still live.

        Raises:
            StoreError: The server does not answer.
        """
        mine, self._old, self._held = [*self._old, self._held], [], None
        failures: list[Exception] = []
        for held in mine:
            if held is not None and held.grant.ours and not self._over(held.ends):
                try:
                    await self.door.ask("POST", _REVOKE, token=held.grant.token)
                except StoreError as failure:
                    failures.append(failure)
        if failures:
            raise failures[0] if len(failures) == 1 else several(failures)

    def _over(self, moment: float | None) -> bool:
        return moment is not None and self.clock() >= moment

    async def _login(self) -> None:
        grant = await self.auth.login(self.door)
        old, self._held = self._held, None
        self._old = [h for h in self._old if not self._over(h.ends)]
        if old is not None and old.grant.token != grant.token:
            self._old.append(old)  # requests under way, and leases, still use it
        self._hold(grant)

    def _hold(self, grant: Grant, *, leases_until: float = 0.0) -> None:
        now = self.clock()
        ends = None if grant.ttl is None else now + grant.ttl
        due = None if grant.ttl is None else now + grant.ttl * _SHARE
        self._held = _Held(grant, ends, due, leases_until)
        self.trouble = None

    async def _renew(self, held: _Held) -> None:
        try:
            renewed = await self._prolonged(held.grant)
            if renewed is None:
                await self._once.run("login", self._login)
            else:
                self._hold(renewed, leases_until=held.leases_until)
        except Exception as error:
            self._put_off(held, error)
            if self._over(held.ends):
                raise

    async def _prolonged(self, grant: Grant) -> Grant | None:
        """Return the token with its new life; None where it gets none.

        https://developer.hashicorp.com/vault/api-docs/auth/token#renew-a-token-self
        """
        if not grant.renewable:
            return None
        reply = await self.door.ask("POST", _RENEW, {}, token=grant.token)
        renewed = grant_of(reply)
        if renewed is None or renewed.ttl is None:
            if reply.status in {400, 403, 404}:
                return None
            raise self.door.outage(reply)
        near_the_end = grant.ttl is not None and renewed.ttl < grant.ttl / 2
        return Grant(
            grant.token,
            renewed.ttl,
            renewable=renewed.renewable and not near_the_end,
            ours=grant.ours,
        )

    def _put_off(self, held: _Held, error: Exception) -> None:
        """Try again after a third of what is left of the token's life."""
        self.trouble = _told(error)
        left = (held.ends or 0.0) - self.clock()
        held.due = self.clock() + max(1.0, left / 3)

    async def _relogin(self) -> None:
        held = self._held
        if held is not None:
            reply = await self.door.ask("GET", _LOOKUP, token=held.grant.token)
            if reply.status == _OK:
                return
            if reply.status != _DENIED:
                raise self.door.outage(reply)
            self._held = None
        await self._once.run("login", self._login)
        if held is not None and self.made(held.grant.token):
            raise AccessDeniedError(
                self.door.name,
                reason="the token is dead, and no newer one is where it came from",
            )


def several(failures: list[Exception]) -> ExceptionGroup[Exception]:
    """Return one error for all that failed as tokens were revoked."""
    return ExceptionGroup("tokens could not be revoked", failures)


def _told(error: Exception) -> str:
    """Return words for an error; of one that is not ours, its kind alone."""
    ours = isinstance(error, SecretScopeError)
    return str(error) if ours else f"the login failed with {type(error).__name__}"
