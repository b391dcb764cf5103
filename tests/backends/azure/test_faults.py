"""What Azure says instead of an answer, told as our own errors, without its text."""

import json
from typing import Any, ClassVar

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
)
from azure.identity import CredentialUnavailableError

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    DeletedSecretError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.azure import AzureSource
from secretscope.backends.azure._told import told
from tests.backends.azure.server import CLIENT_SECRET, Azure, Version

TRAP = "trap-text-of-azure"


@pytest.mark.parametrize(
    ("status", "code", "expected", "says"),
    [
        (404, "SecretNotFound", MissingSecretError, "not present"),
        (403, "ForbiddenByRbac", AccessDeniedError, "Key Vault Secrets User"),
        (403, "ForbiddenByPolicy", AccessDeniedError, "access policy"),
        (403, "ForbiddenByFirewall", AccessDeniedError, "firewall"),
        (403, "Something", AccessDeniedError, "permission denied"),
        (403, "SecretDisabled", DeletedSecretError, "enable it"),
        (401, "Unauthorized", AccessDeniedError, "not accepted"),
        (409, "ObjectIsDeletedButRecoverable", DeletedSecretError, "recover it"),
        (409, "ObjectIsBeingRecovered", ConflictError, "changed"),
        (400, "BadParameter", MalformedSecretError, "25 kB"),
        (429, "Throttled", StoreUnavailableError, "429"),
        (503, "ServiceUnavailable", StoreUnavailableError, "503"),
    ],
)
async def test_each_status_is_an_error_of_its_own_after_one_request(
    azure: Azure, status: int, code: str, expected: type[Exception], says: str
) -> None:
    source = AzureSource(azure.access())
    with pytest.raises(MissingSecretError):  # it has logged in now
        await source.fetch("WARM")
    azure.asked.clear()
    for act in (source.fetch("KEY"), source.put("KEY", "x")):
        azure.fails = [(status, code, {})]
        with pytest.raises(expected, match=says) as caught:
            await act
        error = caught.value
        assert "KEY" in str(error)
        assert TRAP not in f"{error!r}{error}{vars(error)}"
        assert error.__cause__ is error.__context__ is None
    asked = [line for line in azure.asked if "deletedsecrets" not in line]
    assert len(asked) == 2
    await source.aclose()


async def test_a_wait_that_azure_asks_for_is_kept(azure: Azure) -> None:
    source = AzureSource(azure.access())
    azure.fails = [(429, "Throttled", {"Retry-After": "7"}), (503, "Down", {})]
    for wait in (7, None):
        with pytest.raises(StoreUnavailableError) as caught:
            await source.fetch("KEY")
        assert caught.value.retry_after == wait
    await source.aclose()


async def test_absent_deleted_and_disabled_are_told_apart(azure: Azure) -> None:
    source = AzureSource(azure.access())
    azure.hold("DELETED", "a-value-0001")
    azure.deleted.add("deleted")
    azure.secrets["disabled"] = [Version("a-value-0002", enabled=False)]
    for location, expected, says in (
        ("ABSENT", MissingSecretError, "not present"),
        ("DELETED", DeletedSecretError, "recover it"),
        ("DISABLED", DeletedSecretError, "enable it"),
    ):
        with pytest.raises(MissingSecretError, match=says) as caught:
            await source.fetch(location)
        assert type(caught.value) is expected
    azure.hides_deleted = True
    with pytest.raises(MissingSecretError) as caught:
        await source.fetch("DELETED")
    assert type(caught.value) is MissingSecretError
    with pytest.raises(DeletedSecretError, match="purge it"):
        await source.put("DELETED", "x")
    await source.aclose()


async def test_a_version_is_read_by_its_id(azure: Azure) -> None:
    source = AzureSource(azure.access())
    azure.hold("STRIPE-KEY", "first-value", "second-value")
    secret = await source.fetch("STRIPE_KEY")
    assert (secret.reveal(), secret.version) == ("second-value", f"{2:032x}")
    first = await source.fetch(f"STRIPE_KEY/{1:032x}")
    assert first.reveal() == "first-value"
    with pytest.raises(MissingSecretError):
        await source.fetch(f"STRIPE_KEY/{9:032x}")
    with pytest.raises(InvalidRefError, match="never written again"):
        await source.put(f"STRIPE_KEY/{1:032x}", "x")
    with pytest.raises(MalformedSecretError, match="25 kB"):
        await source.put("STRIPE_KEY", "x" * 25_601)
    await source.aclose()


@pytest.mark.parametrize(
    "location", ["a/b", "a.b", "x" * 128, "A/", "A/0123", "A/" + "G" * 32, "Ä", None]
)
async def test_what_a_vault_cannot_hold_is_refused_before_it_is_asked(
    azure: Azure, location: str
) -> None:
    source = AzureSource(azure.access())
    with pytest.raises(InvalidRefError, match="Key Vault is NAME"):
        await source.fetch(location)
    assert (azure.asked, azure.logins) == ([], [])


async def test_two_spellings_of_one_name_are_refused_and_both_are_named(
    azure: Azure,
) -> None:
    azure.hold("STRIPE-KEY", "first-value")
    source = AzureSource(azure.access())
    await source.fetch("STRIPE_KEY")
    with pytest.raises(InvalidRefError, match=r"STRIPE-KEY.*write 'STRIPE_KEY'"):
        await source.fetch("STRIPE-KEY")
    with pytest.raises(InvalidRefError, match=r"stripe_key.*where 'STRIPE_KEY' is"):
        await source.put("stripe_key", "x")
    await source.fetch("STRIPE_KEY")
    await source.aclose()


async def test_a_refused_client_secret_is_an_error_and_is_read_anew(
    azure: Azure,
) -> None:
    azure.hold("KEY", "first-value")
    azure.client_secret = "another-secret-since-this-morning"
    file = azure.ca.with_name("client-secret")
    file.write_text(f"{CLIENT_SECRET}\n")
    auth = azure.auth(client_secret=None, client_secret_file=file)
    source = AzureSource(azure.access(auth))
    with pytest.raises(AccessDeniedError, match="not accepted") as caught:
        await source.fetch("KEY")
    assert CLIENT_SECRET not in f"{caught.value!r}{caught.value}"
    assert caught.value.__cause__ is caught.value.__context__ is None
    file.write_text(azure.client_secret)
    assert (await source.fetch("KEY")).reveal() == "first-value"
    await source.aclose()


async def test_a_login_challenge_for_another_service_is_refused(azure: Azure) -> None:
    azure.hold("KEY", "first-value")
    source = AzureSource(azure.access(verify_resource=True))
    with pytest.raises(AccessDeniedError, match="another service"):
        await source.fetch("KEY")
    assert azure.logins == []
    await source.aclose()


@pytest.mark.parametrize(
    ("error", "logged_in", "expected"),
    [
        (ServiceRequestTimeoutError(TRAP), False, StoreTimeoutError),
        (ServiceResponseError(TRAP), False, StoreUnavailableError),
        (HttpResponseError(TRAP), False, StoreUnavailableError),
        (ClientAuthenticationError(f"AADSTS7000222 {TRAP}"), False, AccessDeniedError),
        (ClientAuthenticationError(TRAP), False, ConfigurationError),
        (CredentialUnavailableError(TRAP), False, ConfigurationError),
        (CredentialUnavailableError(TRAP), True, StoreUnavailableError),
    ],
)
def test_what_fails_before_an_answer_is_told_without_its_text(
    error: Exception, expected: type[Exception], *, logged_in: bool
) -> None:
    found = told(error, "KEY", where="the vault", timeout=6, logged_in=logged_in)
    assert type(found) is expected
    assert TRAP not in str(found)


class Page:
    """An answer that is no JSON of Azure's."""

    reason = "Bad Gateway"
    headers: ClassVar[dict[str, str]] = {}
    status_code = 502

    def text(self) -> str:
        return json.dumps(["a proxy's page"])


@pytest.mark.parametrize("kind", [HttpResponseError, ClientAuthenticationError])
def test_an_answer_that_is_not_azures_is_an_outage(
    kind: type[HttpResponseError],
) -> None:
    page: Any = Page()
    error = kind(response=page)
    found = told(error, "KEY", where="the vault", timeout=6, logged_in=True)
    assert isinstance(found, StoreUnavailableError)
    assert "502" in str(found)


async def test_an_answer_without_a_text_is_malformed(azure: Azure) -> None:
    azure.secrets["key"] = [Version(None)]  # type: ignore[arg-type]
    source = AzureSource(azure.access())
    with pytest.raises(MalformedSecretError, match="a text"):
        await source.fetch("KEY")
    await source.aclose()
