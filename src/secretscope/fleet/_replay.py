"""What was heard before is not listened to again."""

from __future__ import annotations

from collections import OrderedDict

from attrs import define

from secretscope.fleet._notice import Drop, Envelope

_BITS = 64
"""How far behind a sender's highest number a message may come: the anti-replay window
of RFC 4303, section 3.4.3."""


@define
class _Sender:
    highest: int = 0
    heard: int = 0
    last: float = 0.0


class Replays:
    """Remembers each sender's last numbers, for as long as they may come again.

    Args:
        window: seconds that a message may be older or newer than this clock.
        most: how many senders are remembered.
    """

    def __init__(self, *, window: float, most: int = 10_000) -> None:
        self._window = window
        self._most = most
        self._senders: OrderedDict[str, _Sender] = OrderedDict()
        self._floor = float("-inf")

    def admit(self, envelope: Envelope, now: float) -> Drop | bool:
        """Take a message in, or say why not.

        Args:
            envelope: a genuine message.
            now: seconds since 1970.

        Returns:
            Whether messages of its sender are missing before it; or why it is not
            listened to.
        """
        if not abs(now - envelope.sent_at) <= self._window:  # NaN, too
            return Drop.UNTIMELY
        sender = self._senders.get(envelope.sender)
        if sender is None:
            if envelope.sent_at <= self._floor:
                return Drop.REPLAYED
            sender = self._add(envelope)
        self._senders.move_to_end(envelope.sender)
        return self._count(sender, envelope)

    def _count(self, sender: _Sender, envelope: Envelope) -> Drop | bool:
        ahead = envelope.number - sender.highest
        if ahead <= -_BITS or (ahead <= 0 and sender.heard >> -ahead & 1):
            return Drop.REPLAYED
        sender.last = max(sender.last, envelope.sent_at)
        if ahead <= 0:
            sender.heard |= 1 << -ahead
            return False
        shifted = sender.heard << ahead if ahead < _BITS else 0
        sender.heard = (shifted | 1) & ((1 << _BITS) - 1)
        sender.highest = envelope.number
        return ahead > 1

    def _add(self, envelope: Envelope) -> _Sender:
        if len(self._senders) >= self._most:
            _, gone = self._senders.popitem(last=False)
            self._floor = max(self._floor, gone.last)
        added = _Sender(highest=envelope.number - 1, last=envelope.sent_at)
        self._senders[envelope.sender] = added
        return added
