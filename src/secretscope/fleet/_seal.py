"""Messages on the wire: compact JSON, signed with a key that the processes share.

``<MAC, 43 characters of base64url>.<JSON>``, where the MAC is HMAC-SHA256 over the
protocol's and the channel's name and the JSON; so a message fits no other channel.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from typing import Any

from secretscope.errors import ConfigurationError
from secretscope.fleet._notice import Drop, Envelope, Kind, Notice
from secretscope.values import TenantNames, parse_ref

PROTOCOL = 1
MOST_BYTES = 2048
"""Of a message; the longest ref (512), tenant, store and version leave half of it."""

_MAC_LENGTH = 43
_LONGEST_NAME = 256
"""Characters of a version or a store's name, as JSON; a longer one is not told."""
_LONGEST_SENDER = 64
_LATEST = 1e12
"""Seconds since 1970 of a message: 30,000 years; a longer number may be no float."""
_FEWEST_KEY_BYTES = 16
_TENANTS = TenantNames()


class Keys:
    """The key that signs, and those that are accepted beside it.

    The key is a secret like any other, so it rotates: the one before stays accepted,
    until the next takes its place.
    """

    def __init__(self) -> None:
        self._current = b""
        self._accepted: tuple[bytes, ...] = ()

    def use(self, ref: str, current: str, *others: str) -> bool:
        """Sign with the current value from now on; tell whether it is another one.

        Raises:
            ConfigurationError: A key is too short to be one.
        """
        fresh = _key(ref, current)
        changed = fresh != self._current
        previous = self._current if changed else b""
        kept = self._accepted[1:2] if not changed else (previous,)
        more = tuple(_key(ref, other) for other in others)
        self._current = fresh
        self._accepted = (fresh, *(key for key in (*kept, *more) if key))
        return changed

    def sign(self, text: bytes) -> bytes:
        """Return the MAC that the current key makes of a text."""
        return _mac(self._current, text)

    def holds(self, text: bytes, mac: bytes) -> bool:
        """Tell in constant time whether an accepted key made the MAC."""
        found = [hmac.compare_digest(_mac(key, text), mac) for key in self._accepted]
        return any(found)

    def __repr__(self) -> str:
        return f"<{len(self._accepted)} keys>"


def _key(ref: str, value: str) -> bytes:
    key = value.encode("utf-8", "surrogatepass")
    if len(key) < _FEWEST_KEY_BYTES:
        raise ConfigurationError(
            f"fleet.key_ref: {ref} is shorter than {_FEWEST_KEY_BYTES} bytes, and signs "
            "what processes tell each other: make it of 32 random bytes, such as "
            "`openssl rand -base64 32` gives"
        )
    return key


def _mac(key: bytes, text: bytes) -> bytes:
    return urlsafe_b64encode(hmac.digest(key, text, sha256))[:_MAC_LENGTH]


class Seal:
    """Writes messages of one channel, and reads them where they are genuine.

    Args:
        channel: the channel's name.
        keys: signs and checks.
    """

    def __init__(self, channel: str, keys: Keys) -> None:
        self._context = f"secretscope.fleet.{PROTOCOL}\0{channel}\0".encode()
        self._keys = keys

    def close(self, envelope: Envelope) -> bytes:
        """Return the message that carries the envelope."""
        notice = envelope.notice
        fields: dict[str, object] = {
            "v": PROTOCOL,
            "s": envelope.sender,
            "n": envelope.number,
            "t": round(envelope.sent_at, 3),
            "k": notice.kind.value,
            "r": notice.ref,
            "u": notice.tenant,
            "w": _short(notice.version),
            "d": _short(notice.store),
        }
        told = {name: each for name, each in fields.items() if each not in (None, "")}
        text = json.dumps(told, separators=(",", ":")).encode()
        return self._keys.sign(self._context + text) + b"." + text

    def open(self, message: bytes) -> Envelope | Drop:
        """Return what a message carries, or why nobody should listen to it.

        Nothing of it is parsed before its MAC has been found genuine.
        """
        if len(message) > MOST_BYTES:
            return Drop.OVERSIZED
        mac, dot, text = message.partition(b".")
        if not dot or len(mac) != _MAC_LENGTH:
            return Drop.MALFORMED
        if not self._keys.holds(self._context + text, mac):
            return Drop.FORGED
        fields: Any = None
        with suppress(ValueError, RecursionError):
            fields = json.loads(text)
        if not isinstance(fields, dict):
            return Drop.MALFORMED
        if fields.get("v") != PROTOCOL:
            return Drop.FOREIGN
        return _envelope(fields)


def _short(name: str | None) -> str | None:
    return name if name and len(json.dumps(name)) <= _LONGEST_NAME else None


def _envelope(fields: dict[str, Any]) -> Envelope | Drop:
    sender, number, sent_at = (fields.get(name) for name in "snt")
    if not isinstance(sender, str) or not 0 < len(sender) <= _LONGEST_SENDER:
        return Drop.MALFORMED
    if type(number) is not int or number < 1:
        return Drop.MALFORMED
    if type(sent_at) not in {int, float} or abs(sent_at or 0) > _LATEST:
        return Drop.MALFORMED
    notice = _notice(fields)
    if notice is None:
        return Drop.MALFORMED
    return Envelope(notice, sender, number, float(sent_at or 0))


def _notice(fields: dict[str, Any]) -> Notice | None:
    kind, ref, tenant, version, store = (fields.get(name) for name in "kruwd")
    texts = (kind, ref, tenant, version, store)
    if not all(each is None or isinstance(each, str) for each in texts):
        return None
    if tenant is not None and not _TENANTS.holds(tenant):
        return None
    with suppress(ValueError):
        if ref is not None:
            parse_ref(ref)
        known = Kind(str(kind))
        if known is Kind.FORGET and tenant is None:
            return None
        if known is Kind.ROTATED and ref is None:
            return None
        return Notice(known, ref, tenant, version, store or "")
    return None
