"""What Google says instead of an answer, told as our own errors, without its text."""

from typing import Any

import pytest
from google.auth.exceptions import TransportError

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    DeletedSecretError,
    DestroyedSecretError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.gcp import GcpSource
from secretscope.backends.gcp._told import told
from secretscope.errors import StoreError
from tests.backends.gcp.server import Cloud, Version

TRAP = "trap-text-of-google"


@pytest.mark.parametrize(
    ("code", "expected", "says"),
    [
        ("NOT_FOUND", MissingSecretError, "not present"),
        ("PERMISSION_DENIED", AccessDeniedError, "secretmanager.versions.access"),
        ("UNAUTHENTICATED", AccessDeniedError, "not accepted"),
        ("INVALID_ARGUMENT", ConfigurationError, "gcp.project and gcp.location"),
        ("FAILED_PRECONDITION", AccessDeniedError, "KMS"),
        ("RESOURCE_EXHAUSTED", StoreUnavailableError, "too often"),
        ("UNAVAILABLE", StoreUnavailableError, "UNAVAILABLE"),
        ("INTERNAL", StoreUnavailableError, "INTERNAL"),
        ("DEADLINE_EXCEEDED", StoreTimeoutError, "within 6 s"),
    ],
)
async def test_each_status_is_an_error_of_its_own_after_one_request(
    cloud: Cloud, code: str, expected: type[Exception], says: str
) -> None:
    source = GcpSource(cloud.access())
    cloud.fails = [(code, TRAP)] * 2
    for number, act in enumerate((source.fetch("KEY"), source.put("KEY", "x"))):
        if code == "NOT_FOUND" and number:
            cloud.fails.append((code, TRAP))  # the secret can't be made either
        with pytest.raises(expected, match=says) as caught:
            await act
        error = caught.value
        assert "KEY" in str(error)
        assert TRAP not in f"{error!r}{error}{vars(error)}"
        assert error.__cause__ is error.__context__ is None
    assert len(cloud.asked) == (2 if code != "NOT_FOUND" else 3)
    await source.aclose()


async def test_a_wait_that_google_asks_for_is_kept(cloud: Cloud) -> None:
    source = GcpSource(cloud.access())
    cloud.retry_after = 7.5
    cloud.fails = [("RESOURCE_EXHAUSTED", "quota")]
    with pytest.raises(StoreError) as caught:
        await source.fetch("KEY")
    assert caught.value.retry_after == 7.5
    await source.aclose()


async def test_absent_disabled_and_destroyed_are_three_errors(cloud: Cloud) -> None:
    source = GcpSource(cloud.access())
    cloud.hold("KEY", "first-value", "second-value")
    versions = cloud.secrets["projects/my-project/secrets/KEY"]
    versions += [Version(b"", "DISABLED"), Version(b"", "DESTROYED")]
    for location, expected, says in (
        ("KEY/versions/3", DeletedSecretError, "enable it"),
        ("KEY", DestroyedSecretError, "for good"),
        ("KEY/versions/9", MissingSecretError, "not present"),
        ("EMPTY", MissingSecretError, "not present"),
    ):
        with pytest.raises(MissingSecretError, match=says) as caught:
            await source.fetch(location)
        assert type(caught.value) is expected
    await source.aclose()


async def test_versions_aliases_and_whole_names_are_read(cloud: Cloud) -> None:
    source = GcpSource(cloud.access())
    cloud.hold("KEY", "first-value", "second-value")
    cloud.hold("KEY", "other-value", parent="projects/other-project")
    cloud.hold("KEY", "eu-value", parent="projects/p-1/locations/europe-west3")
    cloud.aliases["live"] = 1
    for location, value, version in (
        ("KEY", "second-value", "2"),
        ("KEY/versions/latest", "second-value", "2"),
        ("KEY/versions/1", "first-value", "1"),
        ("KEY/versions/live", "first-value", "1"),
        ("projects/other-project/secrets/KEY", "other-value", "1"),
        ("projects/p-1/locations/europe-west3/secrets/KEY/versions/1", "eu-value", "1"),
    ):
        secret = await source.fetch(location)
        assert (secret.reveal(), secret.version) == (value, version)
    await source.aclose()


@pytest.mark.parametrize(
    "location",
    [
        "a/b",
        "a.b",
        "a@b",
        "x" * 256,
        "KEY/versions/",
        "KEY/versions/0",
        "KEY/versions/1/x",
        "projects/p-1/secrets/",
        "projects/../secrets/KEY",
        "projects/p-1/secrets/KEY/versions/1/../2",
        "projects/p-1/locations/eu/secrets/KEY",
        None,
    ],
)
async def test_what_google_cannot_hold_is_refused_before_it_is_asked(
    cloud: Cloud, location: str
) -> None:
    source = GcpSource(cloud.access())
    with pytest.raises(InvalidRefError, match="Google Cloud"):
        await source.fetch(location)
    assert cloud.asked == []


async def test_a_garbled_answer_is_an_outage(cloud: Cloud) -> None:
    source = GcpSource(cloud.access())
    cloud.hold("KEY", "first-value")
    cloud.secrets["projects/my-project/secrets/KEY"][0].garbled = True
    with pytest.raises(StoreUnavailableError, match="checksum"):
        await source.fetch("KEY")
    await source.aclose()


async def test_writing_adds_a_version_and_makes_the_secret_where_that_is_wanted(
    cloud: Cloud,
) -> None:
    plain = GcpSource(cloud.access(create=False))
    with pytest.raises(MissingSecretError):
        await plain.put("KEY", "x")
    makes = GcpSource(cloud.access())
    for value in ("first-value", "second-value"):
        await makes.put("KEY", value)
    assert (await plain.fetch("KEY/versions/1")).reveal() == "first-value"
    regional = GcpSource(cloud.access(location="europe-west3"))
    await regional.put("KEY", "eu-value")
    assert (await regional.fetch("KEY")).reveal() == "eu-value"
    with pytest.raises(InvalidRefError, match="never written again"):
        await makes.put("KEY/versions/1", "x")
    for value in ("", "x" * 65_537, "half \ud800 a character"):
        with pytest.raises(MalformedSecretError, match="65536 bytes"):
            await makes.put("KEY", value)
    for source in (plain, makes, regional):
        await source.aclose()


async def test_a_secret_that_somebody_else_makes_at_once_is_written_to(
    cloud: Cloud,
) -> None:
    cloud.rival = lambda name: cloud.secrets.update({name: []})
    source = GcpSource(cloud.access())
    await source.put("KEY", "my-value-0001")
    assert (await source.fetch("KEY")).version == "1"
    await source.aclose()


def test_what_fails_before_google_is_asked_is_an_outage() -> None:
    failure: Any = TransportError
    error = told(failure(TRAP), "KEY", where="the store", timeout=6)
    assert isinstance(error, StoreUnavailableError)
    assert "TransportError" in str(error)
    assert TRAP not in str(error)
