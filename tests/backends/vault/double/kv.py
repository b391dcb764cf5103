"""KV version 1 and 2: api-docs/secret/kv/kv-v1, api-docs/secret/kv/kv-v2."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from tests.backends.vault.double.answers import (
    NO_CONTENT,
    Answer,
    Refused,
    absent,
    envelope,
    success,
)

HINT = 2_764_800
"""The lease_duration that version 1 answers with; it has no lease (kv-v1#read-secret)."""


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


@define(eq=False)
class Kv1:
    clock: Callable[[], float]
    held: dict[str, dict[str, Any]] = field(factory=dict)
    kind: str = "kv"
    options: dict[str, str] = field(factory=lambda: {"version": "1"})

    def handle(self, seen: Any, inner: str, token: Any, path: str) -> Answer:
        if seen.method in {"POST", "PUT"}:
            self.held[inner] = dict(seen.body)
            return NO_CONTENT
        if seen.method == "DELETE":
            self.held.pop(inner, None)
            return NO_CONTENT
        if inner not in self.held:
            raise absent()
        return success(self.held[inner], lease_duration=HINT, mount_type="kv")


@define(eq=False)
class Version:
    data: dict[str, Any] | None
    created: float
    deletion: float | None = None
    destroyed: bool = False


@define(eq=False)
class Entry:
    versions: list[Version] = field(factory=list)
    cas_required: bool = False
    delete_after: float | None = None


@define(eq=False)
class Kv2:
    clock: Callable[[], float]
    held: dict[str, Entry] = field(factory=dict)
    kind: str = "kv"
    options: dict[str, str] = field(factory=lambda: {"version": "2"})

    def handle(self, seen: Any, inner: str, token: Any, path: str) -> Answer:
        if inner == "config":  # kv-v2#read-kv-engine-configuration
            return success({"cas_required": False, "max_versions": 0})
        what, _, key = inner.partition("/")
        act = getattr(self, f"_{seen.method.lower()}_{what}", None)
        if act is None or not key:
            raise Refused(
                404,
                warnings=[
                    "Invalid path for a versioned K/V secrets engine. See the API docs "
                    "for the appropriate API endpoints to use."
                ],
            )
        answer: Answer = act(key, seen)
        return answer

    def _get_data(self, key: str, seen: Any) -> Answer:
        """kv-v2#read-secret-version; deleted and destroyed are a 404 with a body."""
        entry = self.held.get(key)
        number = int(seen.query.get("version") or 0)
        if entry is None or not entry.versions or number > len(entry.versions):
            raise absent()
        number = number or len(entry.versions)
        version = entry.versions[number - 1]
        gone = version.destroyed or self._deleted(version)
        data = {
            "data": None if gone else version.data,
            "metadata": self._metadata(number, version),
        }
        body = envelope(data, mount_type="kv")
        return Answer(404 if gone else 200, body)

    def _post_data(self, key: str, seen: Any) -> Answer:
        """kv-v2#create-update-secret: ``cas`` is the version that must be current."""
        entry = self.held.get(key) or Entry()
        cas = (seen.body.get("options") or {}).get("cas")
        if cas is None and entry.cas_required:
            raise Refused(400, "check-and-set parameter required for this call")
        if cas is not None and int(cas) != len(entry.versions):
            raise Refused(
                400, "check-and-set parameter did not match the current version"
            )
        if not isinstance(seen.body.get("data"), dict):
            raise Refused(400, "no data provided")
        now = self.clock()
        ends = None if entry.delete_after is None else now + entry.delete_after
        entry.versions.append(Version(seen.body["data"], now, ends))
        self.held[key] = entry
        number = len(entry.versions)
        return success(self._metadata(number, entry.versions[-1]), mount_type="kv")

    _put_data = _post_data

    def _delete_data(self, key: str, seen: Any) -> Answer:
        """kv-v2#delete-latest-version-of-secret."""
        self.held[key].versions[-1].deletion = self.clock()
        return NO_CONTENT

    def _post_delete(self, key: str, seen: Any) -> Answer:
        for number in seen.body["versions"]:
            self.held[key].versions[int(number) - 1].deletion = self.clock()
        return NO_CONTENT

    def _post_undelete(self, key: str, seen: Any) -> Answer:
        for number in seen.body["versions"]:
            self.held[key].versions[int(number) - 1].deletion = None
        return NO_CONTENT

    def _post_destroy(self, key: str, seen: Any) -> Answer:
        """kv-v2#destroy-secret-versions."""
        for number in seen.body["versions"]:
            version = self.held[key].versions[int(number) - 1]
            version.destroyed, version.data = True, None
        return NO_CONTENT

    def _post_metadata(self, key: str, seen: Any) -> Answer:
        """kv-v2#create-update-metadata."""
        entry = self.held.setdefault(key, Entry())
        entry.cas_required = bool(seen.body.get("cas_required"))
        after = seen.body.get("delete_version_after")
        entry.delete_after = float(after.rstrip("s")) if after else None
        return NO_CONTENT

    def _delete_metadata(self, key: str, seen: Any) -> Answer:
        self.held.pop(key, None)
        return NO_CONTENT

    def _metadata(self, number: int, version: Version) -> dict[str, Any]:
        ends = version.deletion
        return {
            "created_time": stamp(version.created),
            "custom_metadata": None,
            "deletion_time": "" if ends is None else stamp(ends),
            "destroyed": version.destroyed,
            "version": number,
        }

    def _deleted(self, version: Version) -> bool:
        """A deletion_time in the future is not a deletion."""
        return version.deletion is not None and version.deletion <= self.clock()
