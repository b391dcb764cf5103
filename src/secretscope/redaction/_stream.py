"""Redaction of text that comes in pieces."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import AnyStr, Generic, TypeVar

from secretscope.redaction._held import Waits
from secretscope.redaction._marker import mask, union
from secretscope.redaction._pure import Found

Piece = TypeVar("Piece", str, bytes)

_CONTEXT = 640
"""Characters that are kept though they went out: a name or a URL's begin (600)."""
_COOKIES = 4700
"""As many in a header of cookies, whose name stands far before their values."""
_MOST = 65_536
"""Characters that wait at most; of a secret that is longer, its two ends."""
_ENDS = 4096


class TextStream:
    """Masks a text that comes in pieces as if it had come as a whole.

    What cannot be part of a secret goes out at once; the rest waits, mostly the last
    word. At most 64 Ki characters wait.

    Args:
        find: finds what is to be masked in a text.
        waits: tells from where on a text must wait for more.
        label: names a rank, if it is wanted.
    """

    def __init__(
        self,
        find: Callable[[str], list[Found]],
        waits: Waits,
        label: Callable[[int], str] | None = None,
    ) -> None:
        self._find = find
        self._waits = waits
        self._label = label
        self._text = ""
        self._out = 0

    def feed(self, chunk: str) -> str:
        """Take a piece and return what may go out, masked.

        Raises:
            TypeError: It is no str.
        """
        if not isinstance(chunk, str):
            message = f"this stream takes str, not {type(chunk).__name__}"
            raise TypeError(message)
        self._text += chunk
        return self._release(self._waits(self._text), last=False)

    def close(self) -> str:
        """Return what still waits, masked; the stream is empty then."""
        said = self._release(len(self._text), last=True)
        self._text, self._out = "", 0
        return said

    def _release(self, upto: int, *, last: bool) -> str:
        text, out = self._text, self._out
        found = union(self._find(text))
        for start, end, _ in reversed(found):
            if start < upto < end or (end == len(text) and not last):
                upto = min(upto, start)
        upto = max(upto, out)
        due = [(max(s - out, 0), e - out, r) for s, e, r in found if out < e <= upto]
        said = mask(text[out:upto], due, self._label)
        self._keep(text, upto, found)
        return said

    def _keep(self, text: str, upto: int, found: list[Found]) -> None:
        """Forget what is no longer needed on the left of what waits."""
        if len(text) - upto > _MOST:
            whole = any(s <= upto and e == len(text) for s, e, _ in found)
            if whole:  # one secret, so long that its ends say the same
                text = text[: upto + _ENDS] + text[-_ENDS:]
        low = max(0, upto - _CONTEXT)
        cookies = text[max(0, upto - _COOKIES) : upto].lower().find("ookie")
        if cookies >= 0:
            low = min(low, max(0, max(0, upto - _COOKIES) + cookies - _CONTEXT))
        self._text, self._out = text[low:], upto - low


class RedactionStream(Generic[AnyStr]):
    """Masks str or bytes that come in pieces; the first piece decides which.

    Bytes are read as UTF-8; what is none comes out as it went in.
    """

    def __init__(self, texts: TextStream) -> None:
        self._texts = texts
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: Piece) -> Piece:
        """Take a piece and return what may go out, masked.

        Raises:
            TypeError: It is neither str nor bytes, or not what the first piece was.
        """
        if isinstance(chunk, str):
            return self._texts.feed(chunk)
        if not isinstance(chunk, bytes):
            message = f"a stream takes str or bytes, not {type(chunk).__name__}"
            raise TypeError(message)
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        return _encoded(self._texts.feed(self._decoder.decode(chunk)))

    def close(self) -> AnyStr:
        """Return what still waits, masked."""
        if self._decoder is None:
            return self._texts.close()  # type: ignore[return-value]
        last = self._texts.feed(self._decoder.decode(b"", final=True))
        self._decoder = None
        return _encoded(last + self._texts.close())  # type: ignore[return-value]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class RedactedIterator(AsyncIterator[str]):
    """Masks the pieces of an async iterable; a piece that waits is not yielded empty.

    Args:
        pieces: what to mask.
        stream: how.
    """

    def __init__(self, pieces: AsyncIterable[str], stream: TextStream) -> None:
        self._pieces = aiter(pieces)
        self._stream = stream
        self._ended = False

    async def __anext__(self) -> str:
        while not self._ended:
            try:
                said = self._stream.feed(await anext(self._pieces))
            except StopAsyncIteration:
                self._ended = True
                said = self._stream.close()
            if said:
                return said
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Close what is read, if it can be closed."""
        self._ended = True
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
