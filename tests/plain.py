"""The least that a user's own store may be: the four methods, and no further talent."""


class PlainStore:
    """It holds nothing; tests that need more say so in a class of it."""

    async def resolve(self, ref: str) -> str:
        raise KeyError(ref)

    async def store(self, ref: str, value: str) -> None:
        raise NotImplementedError

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return None
