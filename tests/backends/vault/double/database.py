"""Dynamic and static credentials: api-docs/secret/databases."""

from typing import Any

from attrs import define, field

from tests.backends.vault.double.answers import NO_CONTENT, Answer, absent, success
from tests.backends.vault.double.tokens import Lease


@define(eq=False)
class Database:
    core: Any
    roles: dict[str, dict[str, Any]] = field(factory=dict)
    made: list[str] = field(factory=list)
    kind: str = "database"
    options: dict[str, str] | None = None

    def handle(self, seen: Any, inner: str, token: Any, path: str) -> Answer:
        what, _, name = inner.partition("/")
        if seen.method == "POST" and what in {"roles", "static-roles"}:
            self.roles[f"{what}/{name}"] = dict(seen.body)
            return NO_CONTENT
        if what == "creds" and f"roles/{name}" in self.roles:
            return self._creds(self.roles[f"roles/{name}"], name, token, path)
        if what == "static-creds" and f"static-roles/{name}" in self.roles:
            return self._static(self.roles[f"static-roles/{name}"], name)
        raise absent()

    def _creds(self, role: dict[str, Any], name: str, token: Any, path: str) -> Answer:
        """databases#generate-credentials: each read makes a new user, with a lease."""
        number = next(self.core.counter)
        ttl, longest = float(role["default_ttl"]), float(role["max_ttl"])
        now = self.core.clock()
        lease = Lease(
            f"{path}/{number:024d}", token.id, path, ttl, longest, now, now + ttl,
            bool(role.get("renewable", True)),
        )  # fmt: skip
        self.core.leases[lease.id] = lease
        self.made.append(lease.id)
        return success(
            {"username": f"v-{name}-{number}", "password": f"dynamic-{number:08d}"},
            lease_id=lease.id,
            lease_duration=int(ttl),
            renewable=lease.renewable,
            mount_type="database",
        )

    def _static(self, role: dict[str, Any], name: str) -> Answer:
        """databases#get-static-credentials: ``ttl`` is the time to the next rotation."""
        data = {
            "username": name,
            "password": role["password"],
            "ttl": role["ttl"],
            "rotation_period": role.get("rotation_period", role["ttl"]),
            "last_vault_rotation": "2026-01-01T00:00:00Z",
        }
        return success(data, mount_type="database")
