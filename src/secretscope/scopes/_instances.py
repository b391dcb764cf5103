"""One instance for each tenant, built anew when a secret that it read rotates."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from threading import Lock, RLock
from types import TracebackType
from typing import Any, Generic, TypeVar

import anyio.lowlevel
from attrs import define, field

from secretscope.scopes._closing import Closing
from secretscope.scopes._frame import NOWHERE, Frame, go_back, stand, standing
from secretscope.scopes._instance import Close, Hold, Instance
from secretscope.scopes._reads import overriding, read_of
from secretscope.scopes._recording import RECORDING, Recording, recording
from secretscope.scopes._view import UNENTERED
from secretscope.values import Rotation

T = TypeVar("T")

_TRIES = 3
"""How often one is built in a row where a secret rotates meanwhile."""
_CHUNK = 256
"""How many are looked at in one step of the loop."""


@define(eq=False)
class _Turn:
    """Who builds for one place, while others wait."""

    lock: Any = field(factory=RLock)
    waiting: int = 0


class Instances(Generic[T]):
    """Keeps what one provider builds in one lifetime, for each tenant.

    Args:
        build: builds an instance, from the secrets that the running task may read.
        closing: closes instances that are out of use.
        here: gives the frame that the running task stands in; None where there is none.
        grace: seconds that one out of use stays open for who has it by a plain call.
        closer: finds what closes an instance; None where nothing does.
    """

    def __init__(
        self,
        build: Callable[[], T],
        closing: Closing,
        *,
        here: Callable[[], Frame | None],
        grace: float,
        closer: Callable[[T], Close | None],
    ) -> None:
        self._build = build
        self._closing = closing
        self._here = here
        self._grace = grace
        self._closer = closer
        self._direct: Instance | None = None
        self._shared: dict[str | None, Instance] = {}
        self._private: dict[Frame, Instance] = {}
        self._turns: dict[Hashable, _Turn] = {}
        self._lock = Lock()

    def current(self) -> T:
        """Return the instance of the running task's place, built if need be."""
        value: T = self._take(use=False).value
        return value

    def lease(self) -> Lease[T]:
        """Return a block (``with``) that holds the current instance until its end."""
        return Lease(lambda: self._take(use=True), self._closing.release)

    # --- finding and building --------------------------------------------------------

    def _take(self, *, use: bool) -> Instance:
        building = recording()
        while True:
            found = self._find()
            if found is None:
                found = self._find_or_make()
            if found.take(use=use or building is not None):
                if building is not None and not use:
                    building.parts.append(found)
                return found

    def _find(self) -> Instance | None:
        direct = self._direct
        if direct is not None and direct.holds():
            return direct
        frame = self._here()
        if self._private:
            position = frame
            while position is not None:
                private = self._private.get(position)
                if private is not None and private.holds():
                    return private
                position = position.parent
        shared = self._shared.get(None if frame is None else frame.tenant)
        return shared if shared is not None and shared.holds() else None

    def _find_or_make(self) -> Instance:
        frame = self._here()
        place: Hashable = None if frame is None else frame.tenant
        if frame is not None and frame.over:
            place = frame
        with self._turn(place):
            return self._find() or self._make(frame)

    @contextmanager
    def _turn(self, place: Hashable) -> Generator[None]:
        with self._lock:
            turn = self._turns.setdefault(place, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[place]

    def _make(self, frame: Frame | None) -> Instance:
        tries = 0
        while True:
            made = self._built()
            self._closing.opened(made)
            tries += 1
            try:
                settled = made.holds() or tries == _TRIES
            except BaseException:  # the frame has ended
                self._closing.retire(made)
                raise
            if settled:
                self._place(made, frame)
                return made
            self._closing.retire(made)  # a secret rotated meanwhile

    def _built(self) -> Instance:
        building = Recording()
        try:
            with _recorded(building):
                value = self._build()
        except BaseException:
            for part in building.parts:
                self._closing.release(part)  # type: ignore[arg-type]
            raise
        parts: tuple[Any, ...] = tuple(building.parts)
        frames = overriding(building.notes)
        frames += [part.frame for part in parts if part.frame is not None]
        return Instance(
            value,
            tuple(read_of(note) for note in building.notes),
            parts,
            self._closer(value),
            self._grace,
            frame=_innermost(frames),
            direct=all(note.through is None for note in building.notes)
            and all(part.direct for part in parts),
        )

    def _place(self, made: Instance, frame: Frame | None) -> None:
        if made.frame is not None:
            self._keep_in(made.frame, made)
            return
        if made.direct:
            old, self._direct = self._direct, made
        else:
            tenant = None if frame is None else frame.tenant
            old = self._shared.get(tenant)
            self._shared[tenant] = made
        if old is not None:
            self._closing.retire(old)

    def _keep_in(self, frame: Frame, made: Instance) -> None:
        old = self._private.get(frame)
        self._private[frame] = made
        if old is not None:
            self._closing.retire(old)
            return

        def ended() -> None:
            last = self._private.pop(frame, None)
            if last is not None:  # a forgotten tenant's frames end one by one, again
                self._closing.retire(last, grace=0)

        hold = Hold(frame, ended)
        if frame.ended:  # in another thread, meanwhile
            hold.close()

    # --- going out of use ------------------------------------------------------------

    def rotated(self, rotation: Rotation) -> None:
        """Retire what was built from a secret that has changed."""
        if self._direct is not None and not self._direct.stands():
            self._closing.retire(self._direct)
            self._direct = None
        self._look_at(rotation.tenant)
        if rotation.tenant is None and self._shared:
            self._closing.spawn(self._look_at_all)

    async def _look_at_all(self) -> None:
        """Look at every tenant's: it may have inherited the secret."""
        for number, tenant in enumerate(tuple(self._shared)):
            if number % _CHUNK == 0:
                await anyio.lowlevel.checkpoint()
            self._look_at(tenant)

    def _look_at(self, tenant: str | None) -> None:
        shared = self._shared.get(tenant)
        if shared is not None and not shared.stands():
            self._retire(tenant)

    def drop(self, tenant: str) -> None:
        """Retire what was built for a tenant that is let go."""
        self._retire(tenant, grace=0)

    def _retire(self, tenant: str | None, *, grace: float | None = None) -> None:
        old = self._shared.pop(tenant, None)
        if old is not None:
            self._closing.retire(old, grace=grace)


class Lease(Generic[T]):
    """Holds one instance open for a block (``with``), whatever rotates meanwhile."""

    __slots__ = ("_held", "_release", "_take")

    def __init__(
        self, take: Callable[[], Instance], release: Callable[[Instance], None]
    ) -> None:
        self._take = take
        self._release = release
        self._held: list[Instance] = []

    def __enter__(self) -> T:
        instance = self._take()
        self._held.append(instance)
        value: T = instance.value
        return value

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release(self._held.pop())


@contextmanager
def _recorded(building: Recording) -> Generator[None]:
    """Note every read of this block; what it builds is sync, so nobody else runs.

    A frame of nobody's hides the position from readers' quick look, so that each takes
    the way on which it is noted.
    """
    before = RECORDING.set(building)
    position = stand(Frame(NOWHERE.scope, UNENTERED, parent=standing()))
    try:
        yield
    finally:
        building.open = False
        go_back(position)
        RECORDING.reset(before)


def _innermost(frames: list[Frame]) -> Frame | None:
    """Return the one of the running task's frames that will end first."""
    position: Frame | None = standing()
    while frames and position is not None:
        if position in frames:
            return position
        position = position.parent
    return None
