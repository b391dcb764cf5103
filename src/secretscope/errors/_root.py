"""The root of the tree: what each error says and how it travels."""

from secretscope.errors._again import revived


class SecretScopeError(Exception):
    """The root of everything secretscope raises."""

    def __str__(self) -> str:
        """Return the sentence, also where KeyError would quote it."""
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by its facts: an error crosses processes as it is."""
        return revived, (type(self), self.args, dict(self.__dict__))
