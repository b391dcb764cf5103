"""What a view keeps of a store's answers, and publishes to its readers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Lock

from attrs import Factory, define, field, frozen

from secretscope.errors import (
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    SecretReadError,
    StoreUnavailableError,
)
from secretscope.protocols import Announcing, Expiring, Observable, Peekable, Secrets
from secretscope.redaction import KNOWN
from secretscope.scopes._limits import TenantLimits
from secretscope.scopes._turns import Turns
from secretscope.scopes._view import Viewed
from secretscope.values import Rotation, split_location

UNREADABLE = (MissingSecretError, NotWarmError, ExpiredError)
_NONE_ASKED: dict[str, bool] = {}
"""What was asked for in a view before the first miss; it stays empty."""


def retold(error: Exception, ref: str, *, where: str) -> SecretReadError:
    """Return a store's error as one of the ref that its reader asked for."""
    if isinstance(error, MissingSecretError):
        return error.seen_as(ref, where=where)
    kinds = (NotWarmError, ExpiredError)
    kind = next((k for k in kinds if isinstance(error, k)), MissingSecretError)
    return kind(ref, where=where)


@define(eq=False)
class Shelf:
    """What all views of one scope share.

    Attributes:
        lock: held while a value is asked for and published, and never over I/O.
        announce: told of rotations that the store itself does not announce.
        turns: bounds each tenant's loads.
        max_refs: how many refs are kept of one tenant.
        needs: gives the refs that are never among those that go.
        first_read: told of each ref as it is asked for in a view for the first time;
            None is nobody.
        refused: told of what the policy refused: whose, which ref, and the error.
        unasked: told of what was not asked for, since a store is known to have an
            outage: whose, which ref, and the store's name.
    """

    lock: Lock = field(factory=Lock)
    announce: Callable[[Rotation], None] = lambda rotation: None
    turns: Turns = field(factory=lambda: Turns(TenantLimits().max_loads))
    max_refs: int = TenantLimits().max_refs
    needs: Callable[[], Sequence[str]] = tuple
    first_read: Callable[[str | None, str], None] | None = None
    refused: Callable[[str | None, str, str], None] = lambda tenant, ref, error: None
    unasked: Callable[[str | None, str, str], None] = lambda tenant, ref, store: None


def _tells(site: Site) -> bool:
    return isinstance(site.store, Observable) and isinstance(site.store, Peekable)


@frozen(eq=False)
class Site:
    """A store as views of one scope show it: one for all that live in the same store.

    Attributes:
        store: any Secrets.
        shelf: what they share with the scope's other views.
        follows: whether the store tells of its changes, so that its values may be kept.
    """

    store: Secrets
    shelf: Shelf
    follows: bool = field(init=False, default=Factory(_tells, takes_self=True))


class Kept(Viewed):
    """What was read in one place of one store: the application's, or one tenant's.

    Where the store tells of its changes, what was read is kept in `values`, and
    follows them; elsewhere each read asks the store. There may be a hundred thousand
    of these: what is the same for many stands in their site.

    Args:
        site: the store that it shows.
        tenant: whose values these are; None is the application.
    """

    __slots__ = ("_asked", "_releases", "_site")

    def __init__(self, site: Site, *, tenant: str | None = None) -> None:
        super().__init__(tenant)
        self._site = site
        self._asked = _NONE_ASKED
        self._releases: tuple[Callable[[], None], ...] = ()

    @property
    def _shelf(self) -> Shelf:
        return self._site.shelf

    @property
    def _follows(self) -> bool:
        return self._site.follows

    # --- its place -------------------------------------------------------------------

    @property
    def tenant(self) -> str | None:
        """Whose values these are; None is the application."""
        return self._tenant

    @property
    def kept_in(self) -> Secrets:
        """The store that it shows."""
        return self._site.store

    @property
    def where(self) -> str:
        """What errors call the place."""
        return "the application" if self._tenant is None else f"tenant {self._tenant!r}"

    @abstractmethod
    def _place(self, ref: str) -> str | None:
        """Return where the store keeps a ref; None where this view has no place."""
        ...

    def location(self, ref: str) -> str:
        """Return where the store keeps a ref.

        Raises:
            MissingSecretError: This view has no place of its own.
            InvalidRefError: The ref is outside the grammar.
        """
        location = self._place(ref)
        if location is None:
            raise MissingSecretError(
                ref,
                where=self.where,
                cure="tenants have no place of their own: set secrets.tenants.path",
            )
        return location

    def refs(self) -> list[str]:
        """Return every ref that was asked for here."""
        return [*self.values, *self._asked]

    def refs_at(self, base: str) -> list[str]:
        """Return the refs that were asked for here and are kept at a base."""
        return [
            ref for ref in self.refs() if split_location(self.location(ref))[0] == base
        ]

    def found_at(self, base: str) -> list[str]:
        """Return those of them that are there; all, where none is."""
        refs = self.refs_at(base)
        return [ref for ref in refs if not self.is_missing(ref)] or refs

    def is_missing(self, ref: str) -> bool:
        """Tell whether the store said, when last asked, that a ref is not there."""
        return self._asked.get(ref, False)

    @property
    def is_bare(self) -> bool:
        """Whether something was asked for here, and none of it is there."""
        return not self.values and bool(self._asked) and all(self._asked.values())

    def bases(self) -> set[str]:
        """Return where the store keeps what was asked for here."""
        return {split_location(self.location(ref))[0] for ref in self.refs()}

    # --- what it keeps ---------------------------------------------------------------

    def changed(self, base: str) -> None:
        """Publish anew what is kept from this base: all of it in one swap."""
        told: list[str] = []
        with self._shelf.lock:
            refs = self.refs_at(base)
            values = self.values.copy() if refs else self.values
            for ref in refs:
                old = values.get(ref)
                location = self.location(ref)
                new, missing = None, False
                try:
                    new = self._ask(ref, location)
                except SecretReadError as error:
                    missing = isinstance(error, MissingSecretError)
                if new is not None and not self._runs_out(location):
                    values[ref] = new
                    self._asked.pop(ref, None)
                else:
                    values.pop(ref, None)
                    self._note(ref, missing=missing)
                if old is not None and new != old:
                    told.append(ref)
            self.values = values
        if not isinstance(self._site.store, Announcing):
            self._announce(told)

    def held_values(self) -> Iterable[str]:
        """Return the values that readers can see, for the set of known values."""
        return tuple(self.values.values())

    def let_go(self) -> None:
        """Keep nothing fresh any longer."""
        releases, self._releases = self._releases, ()
        for release in releases:
            release()

    def unpublish(self) -> None:
        """Have the store asked for each value at its next read."""
        with self._shelf.lock:
            for ref in self.values:
                self._note(ref, missing=False)
            self.values = {}

    def wipe(self) -> None:
        """Drop every value; whoever still holds the view reads none."""
        self.let_go()
        with self._shelf.lock:
            self.values, self._asked = {}, _NONE_ASKED

    def _ask(self, ref: str, location: str) -> str:
        if isinstance(self._site.store, Peekable):
            try:
                value: object = self._site.store.peek(location)
            except UNREADABLE as error:
                unreadable = retold(error, ref, where=self.where)
            else:
                return self._checked(ref, value)
            raise unreadable
        value = self._site.store.lookup_sync(location)
        if value is None:
            unread = MissingSecretError if self._asked.get(ref) else NotWarmError
            raise unread(ref, where=self.where)
        return self._checked(ref, value)

    def _accept(self, ref: str, location: str, value: object) -> str:
        checked = self._checked(ref, value)
        with self._shelf.lock, suppress(SecretReadError):  # gone: the next read says so
            if self._follows:
                checked_now = self._ask(ref, location)
                self._keep(ref, location, checked_now)
            else:
                self._note(ref, missing=False)
        return checked

    def _keep(self, ref: str, location: str, value: str) -> None:
        if self._follows and not self._runs_out(location):
            self._told(ref)
            self.values[ref] = value
            self._asked.pop(ref, None)
        else:
            self._note(ref, missing=False)

    def _note(self, ref: str, *, missing: bool) -> None:
        """Remember that a ref was asked for which is not among the values."""
        self._told(ref)
        if self._asked is _NONE_ASKED:
            self._asked = {}
        self._asked[ref] = missing

    def _told(self, ref: str) -> None:
        first_read = self._shelf.first_read
        if first_read is not None and not (ref in self.values or ref in self._asked):
            first_read(self._tenant, ref)

    def _failed(self, ref: str, error: Exception) -> None:
        if isinstance(error, StoreUnavailableError) and not error.asked:
            self._shelf.unasked(self._tenant, ref, error.store)

    def _runs_out(self, location: str) -> bool:
        store = self._site.store
        return isinstance(store, Expiring) and store.expires(location)

    def _checked(self, ref: str, value: object) -> str:
        if not isinstance(value, str):
            raise MalformedSecretError(
                type(self._site.store).__name__,
                ref=ref,
                expected=f"a str, not {type(value).__name__}",
            )
        KNOWN.add(value, ref=ref, tenant=self._tenant)
        return value

    # --- rotations that the store itself does not announce ----------------------------

    def _heard(self, location: str) -> str | None:
        """Return what the store has at hand, where it tells nobody of a change."""
        if self._follows or isinstance(self._site.store, Announcing):
            return None
        return self._site.store.lookup_sync(location)

    def _tell(self, ref: str, location: str, old: str | None) -> None:
        if not self._follows and self._heard(location) != old:
            self._announce([ref])

    def _announce(self, refs: Iterable[str]) -> None:
        store = type(self._site.store).__name__
        for ref in refs:
            name = split_location(ref)[0]
            self._shelf.announce(
                Rotation(name, None, "unknown", self._tenant, store=store, counted=True)
            )
