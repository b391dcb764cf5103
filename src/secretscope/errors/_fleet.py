"""The bus between processes."""

from secretscope.errors._root import SecretScopeError


class ChannelError(SecretScopeError, ConnectionError):
    """The bus between processes could not be reached, or was lost."""

    def __init__(self, channel: str, *, reason: str) -> None:
        super().__init__(
            f"the channel {channel} is not there: {reason}; secrets are read as before, "
            "and what has rotated is noticed by freshness alone until it is back"
        )
        self.channel = channel
        self.reason = reason
