"""Hooks see raw arguments; what they log, they redact."""

import sys
from collections.abc import AsyncGenerator

import anyio

from secretscope import Agent, DictSecrets, Secrets, Tuning
from secretscope.agent import AuditLog, Chunk, Deny, Request, ToolCall, verify


class Scripted:
    """A model that calls one tool, then says what it answered."""

    name = "scripted"

    def check(self, secrets: Secrets | None) -> None:
        """Need no key."""

    async def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        last = request.messages[-1]
        if last.results:
            yield Chunk(text=last.results[0].output)
        else:
            args = {"url": "https://example.com/?api_key=sk-abcDEF0123456789abcDEF01"}
            yield Chunk(call=ToolCall("1", "fetch", args))


def fetch(url: str) -> str:
    """Fetch a page."""
    return f"fetched a page of {len(url)} characters"


async def main() -> None:
    secrets = DictSecrets()
    log = AuditLog(key=b"a key to sign with")
    agent = Agent(
        "You fetch.",
        model=Scripted(),
        tools=[fetch],
        tuning=Tuning(secrets=secrets),
        audit_log=log,
    )
    seen: list[str] = []

    @agent.before_tool
    async def log_call(call: ToolCall) -> Deny | None:
        seen.append(secrets.redact(str(call.args)))
        return None

    print((await agent.run("Fetch it")).output)
    print(seen[0])
    assert "sk-abc" not in seen[0] + str(log.entries)
    print(f"{verify(log.entries, key=b'a key to sign with')} audit entries verified")


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
