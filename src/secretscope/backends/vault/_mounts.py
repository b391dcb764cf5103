"""What is mounted where, found out once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Literal

from secretscope.backends.vault._once import Once
from secretscope.backends.vault._reply import Reply

Kind = Literal["kv1", "kv2", "other"]


class Mounts:
    """Remembers what kind of engine each mount of each namespace is."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, str], Kind] = {}
        self._once = Once()

    async def kind(
        self,
        namespace: str | None,
        mount: str,
        who: Hashable,
        ask: Callable[[], Awaitable[Kind | None]],
    ) -> Kind | None:
        """Return what a mount is, asked once for any number of callers.

        A denial is not remembered: the token may be dead, and the next one told.

        Args:
            namespace: where the mount is.
            mount: its path.
            who: whose rights the question is asked with.
            ask: asks the server; None is "you may not know".
        """
        if (namespace, mount) not in self._found:

            async def find() -> None:
                found = await ask()
                if found is not None:
                    self.learn(namespace, mount, found)

            await self._once.run((namespace, mount, who), find)
        return self._found.get((namespace, mount))

    def learn(self, namespace: str | None, mount: str, kind: Kind) -> None:
        """Remember what a mount is."""
        self._found[namespace, mount] = kind


def question(mount: str) -> str:
    """Return the path that tells of a mount.

    https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts
    """
    return f"sys/internal/ui/mounts/{mount}"


def kind_of(reply: Reply) -> Kind | None:
    """Return what the answer says; None where it says nothing of use."""
    data = reply.part("data")
    if data is None or not isinstance(data.get("type"), str):
        return None
    if data["type"] not in {"kv", "generic"}:
        return "other"
    options = data.get("options")
    version = options.get("version") if isinstance(options, dict) else None
    return "kv2" if str(version) == "2" else "kv1"
