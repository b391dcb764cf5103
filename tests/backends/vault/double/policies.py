"""Who may do what: docs/concepts/policies."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Policy = Mapping[str, Sequence[str]]
"""Capabilities by path; ``*`` at the end and ``+`` for one part."""

_NEEDS = {
    "GET": ("read",),
    "LIST": ("list",),
    "POST": ("create", "update"),
    "PUT": ("create", "update"),
    "DELETE": ("delete",),
    "PATCH": ("patch",),
}


def parse(text: str) -> Policy:
    """A policy in JSON, which both servers take beside HCL."""
    document: dict[str, Any] = json.loads(text)
    return {path: rule["capabilities"] for path, rule in document["path"].items()}


def reaches(home: str, space: str) -> bool:
    """A token works in its namespace and those within: docs/enterprise/namespaces."""
    return home in {"", space} or space.startswith(f"{home}/")


def allow(
    names: Sequence[str], rules: Sequence[Policy | None], path: str, method: str
) -> bool:
    if "root" in names:
        return True
    granted = capabilities(rules, path)
    return any(need in granted for need in _NEEDS[method])


def capabilities(rules: Sequence[Policy | None], path: str) -> set[str]:
    """The most specific path counts; ``deny`` beats the others."""
    best: tuple[int, set[str]] = (-1, set())
    for rule in rules:
        for pattern, given in (rule or {}).items():
            if matches(pattern, path) and len(pattern) >= best[0]:
                same = best[1] if len(pattern) == best[0] else set()
                best = len(pattern), same | set(given)
    return set() if "deny" in best[1] else best[1]


def matches(pattern: str, path: str) -> bool:
    regex = re.escape(pattern.removesuffix("*")).replace(r"\+", "[^/]+")
    return bool(re.fullmatch(regex + (".*" if pattern.endswith("*") else ""), path))


def touches(rules: Sequence[Policy | None], mount: str) -> bool:
    """Whether something within the mount is granted: system/internal-ui-mounts."""
    return any(
        pattern.startswith(f"{mount}/") and "deny" not in given
        for rule in rules
        for pattern, given in (rule or {}).items()
    )
