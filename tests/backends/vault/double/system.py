"""What stands below ``sys/``, and a token's own affairs: api-docs/system."""

from typing import Any

from tests.backends.vault.double import policies, tokens
from tests.backends.vault.double.answers import (
    NO_CONTENT,
    Answer,
    Refused,
    denied,
    success,
)

OWN = frozenset(
    {
        "auth/token/lookup-self",
        "auth/token/renew-self",
        "auth/token/revoke-self",
        "sys/leases/renew",
    }
)
"""What the ``default`` policy grants to every token: docs/concepts/policies#default-policy."""


def own(core: Any, seen: Any, path: str, token: Any) -> Answer:
    if path == "sys/leases/renew":
        return tokens.renew_lease(core, seen.body)
    if path == "auth/token/lookup-self":
        if "no-default" in token.policies:
            raise denied()
        found: Answer = core.tokens.lookup(token)
        return found
    if path == "auth/token/renew-self":
        renewed: Answer = core.tokens.renew(token)
        return renewed
    core.tokens.revoke(token.id)
    for lease in [x for x in core.leases.values() if x.token == token.id]:
        del core.leases[lease.id]
    return NO_CONTENT


def health(core: Any) -> Answer:
    """api-docs/system/health: the status says how the node is."""
    status = 200
    if not core.initialised:
        status = 501
    elif core.sealed:
        status = 503
    elif core.standby is not None:
        status = 429
    body = {
        "initialized": core.initialised,
        "sealed": core.sealed,
        "standby": core.standby is not None,
        "version": "2.5.0",
    }
    return Answer(status, body)


def ui_mount(core: Any, here: Any, path: str, token: Any) -> Answer:
    """api-docs/system/internal-ui-mounts: for who may do something within the mount."""
    asked = path.removeprefix("sys/internal/ui/mounts/")
    home = core.namespaces[token.namespace]
    rules = [home.policies.get(name) for name in token.policies]
    spaces = [n for n, s in core.namespaces.items() if s is here]
    for name in sorted(here.mounts, key=len, reverse=True):
        if not (asked == name or asked.startswith(f"{name}/")):
            continue
        inner = spaces[0].removeprefix(token.namespace).strip("/")
        full = f"{inner}/{name}" if inner else name
        if "root" in token.policies or policies.touches(rules, full):
            engine = here.mounts[name]
            return success(
                {
                    "path": f"{name}/",
                    "type": engine.kind,
                    "options": engine.options,
                    "description": "",
                }
            )
    raise Refused(
        403,
        "preflight capability check returned 403, please ensure client's policies "
        f'grant access to path "{asked}/"',
    )


def unwrap(core: Any, seen: Any) -> Answer:
    """api-docs/system/wrapping-unwrap: a wrapping token is good once."""
    token = seen.body.get("token") or seen.token
    if token not in core.wrapped:
        raise Refused(400, "wrapping token is not valid or does not exist")
    return Answer(200, core.wrapped.pop(token))


def admin(core: Any, seen: Any, path: str, space: str) -> Answer:
    what, _, name = path.removeprefix("sys/").partition("/")
    act = _ADMIN.get((seen.method, what))
    if act is None:
        raise Refused(404, f'no handler for route "{path}". route entry not found.')
    answer: Answer = act(core, seen, name, space)
    return answer


def _mount(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/mounts#enable-secrets-engine."""
    core.mount(space, name, seen.body["type"], seen.body.get("options"))
    return NO_CONTENT


def _auth(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/auth#enable-auth-method."""
    from tests.backends.vault.double import logins  # noqa: PLC0415 - it needs this one

    core.namespaces[space].logins[name] = logins.KINDS[seen.body["type"]](core, name)
    return NO_CONTENT


def _policy(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/policies#create-update-acl-policy."""
    rules = policies.parse(seen.body["policy"])
    core.namespaces[space].policies[name.removeprefix("acl/")] = rules
    return NO_CONTENT


def _namespace(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/namespaces#create-namespace."""
    from tests.backends.vault.double.core import Namespace  # noqa: PLC0415

    core.namespaces[f"{space}/{name}" if space else name] = Namespace()
    return success({"id": "x", "path": f"{name}/"})


def _no_namespace(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/namespaces#delete-namespace."""
    core.namespaces.pop(f"{space}/{name}" if space else name, None)
    return NO_CONTENT


def _revoke(core: Any, seen: Any, name: str, space: str) -> Answer:
    """api-docs/system/leases#revoke-lease."""
    if name == "revoke":
        core.leases.pop(seen.body["lease_id"], None)
    return NO_CONTENT


_ADMIN = {
    ("POST", "mounts"): _mount,
    ("POST", "auth"): _auth,
    ("PUT", "policies"): _policy,
    ("POST", "policies"): _policy,
    ("POST", "namespaces"): _namespace,
    ("PUT", "namespaces"): _namespace,
    ("DELETE", "namespaces"): _no_namespace,
    ("POST", "leases"): _revoke,
    ("PUT", "leases"): _revoke,
}
