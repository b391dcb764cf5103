"""What is wrong with settings, collected so that all of it is told at once."""

from __future__ import annotations

from attrs import define, field

from secretscope.errors import ConfigurationError


@define
class Faults:
    """Faults with the path of the option that each is about; they hold no value."""

    found: list[str] = field(factory=list[str])

    def add(self, path: str, problem: str) -> None:
        """Note one fault."""
        self.found.append(f"{path}: {problem}")

    def mistyped(self, value: object, path: str, expected: str) -> None:
        """Note that a value is of the wrong kind, without the value."""
        self.add(path, f"expected {expected}, got {type(value).__name__}")

    def tell(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            ConfigurationError: It names every fault with its path.
        """
        if self.found:
            raise ConfigurationError(*self.found)
