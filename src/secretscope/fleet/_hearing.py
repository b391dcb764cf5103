"""What is done with what others tell; what is not genuine is dropped, and counted."""

from __future__ import annotations

from attrs import define, field

from secretscope.fleet._echoes import Echoes
from secretscope.fleet._holder import Holder, shared_version
from secretscope.fleet._keyring import Keyring
from secretscope.fleet._notice import Drop, Envelope, Kind, Notice
from secretscope.fleet._partings import Partings
from secretscope.fleet._rechecks import Rechecks
from secretscope.fleet._replay import Replays
from secretscope.fleet._seal import Seal
from secretscope.fleet._tally import Tally
from secretscope.fleet._time import Clock


@define(kw_only=True, eq=False)
class Hearing:
    """Takes messages as they come.

    It does all its work at once and awaits nothing, so that no message ever waits
    here; a look at the store is put on the agenda, which holds each thing once.
    """

    sender: str
    seal: Seal
    keyring: Keyring
    replays: Replays
    holder: Holder
    rechecks: Rechecks
    partings: Partings
    echoes: Echoes
    clock: Clock
    tally: Tally = field(factory=Tally)
    heard: int = 0

    def hear(self, message: bytes) -> None:
        """Act on a message, or drop it."""
        self.keyring.follow()
        opened = self.seal.open(message)
        if isinstance(opened, Drop):
            self._drop(opened)
        elif opened.sender != self.sender:
            self._listen_to(opened)

    def _listen_to(self, envelope: Envelope) -> None:
        admitted = self.replays.admit(envelope, self.clock.wall())
        if isinstance(admitted, Drop):
            self._drop(admitted)
            return
        self.heard += 1
        if admitted:  # messages of this sender are missing
            self.rechecks.sweep()
        self._act(envelope.notice)

    def _drop(self, why: Drop) -> None:
        self.tally.count(why, self.clock.monotonic())
        if why is Drop.FORGED:
            self.keyring.doubt()

    def _act(self, notice: Notice) -> None:
        kind, tenant, ref = notice.kind, notice.tenant, notice.ref
        if kind is Kind.ALL:
            self.rechecks.sweep()
        elif kind is Kind.FORGET:
            self.partings.forget(tenant or "")
        else:
            self.echoes.note(notice)
            held = self.holder.held(tenant, ref, store=notice.store)
            told = notice.version
            if any(told is None or shared_version(each) != told for each in held):
                self.rechecks.soon((notice.store, tenant, ref), told)
