"""The keyring, with a backend in memory; the machine's own is never asked."""

import sys
from typing import Any

import keyring
import pytest
from dependency_injector import containers, providers
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import InitError, KeyringLocked, PasswordSetError

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    ReadOnlyStoreError,
    SecretsBackend,
    StoreUnavailableError,
    lifetime,
)
from secretscope.backends.keyring import KeyringSecrets, KeyringSource
from secretscope.protocols import Secrets, Source
from secretscope.testing import SecretsContract, SourceContract

NO_RING: Any = fail.Keyring
OFF: Any = null.Keyring
TRAP = "trap-value-in-the-error-of-a-backend"


class MemoryRing(KeyringBackend):
    priority = -1  # never the machine's choice

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has few types
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.fails: Exception | None = None
        self.turns: str | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        self.kept[service, username] = self.turns or password


@pytest.fixture
def ring() -> MemoryRing:
    return MemoryRing()


class TestKeyringSource(SourceContract):
    writes_fields = False

    @pytest.fixture
    def source(self, ring: MemoryRing) -> KeyringSource:
        self.ring = ring
        return KeyringSource("an-application", backend=ring)

    def requests(self, source: Source) -> int:
        return self.ring.asked


class TestKeyringSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self, ring: MemoryRing) -> Secrets:
        return KeyringSecrets("an-application", backend=ring)


async def test_services_are_told_apart(ring: MemoryRing) -> None:
    ring.set_password("mine", "KEY", "my-value-0001")
    assert await KeyringSecrets("mine", backend=ring).resolve("KEY") == "my-value-0001"
    with pytest.raises(MissingSecretError, match="keyring set other KEY"):
        await KeyringSource("other", backend=ring).fetch("KEY")


@pytest.mark.parametrize(
    ("fails", "expected", "says"),
    [
        (KeyringLocked(TRAP), AccessDeniedError, "unlock it"),
        (PasswordSetError(TRAP), AccessDeniedError, "did not take"),
        (InitError(TRAP), StoreUnavailableError, "InitError"),
        (OSError(TRAP), StoreUnavailableError, "OSError"),
    ],
)
async def test_what_a_backend_raises_is_told_without_its_text(
    ring: MemoryRing, fails: Exception, expected: type[Exception], says: str
) -> None:
    ring.fails = fails
    source = KeyringSource("an-application", backend=ring)
    for act in (source.fetch("KEY"), source.put("KEY", "x")):
        with pytest.raises(expected, match=says) as caught:
            await act
        assert TRAP not in f"{caught.value!r}{caught.value}"
        assert caught.value.__cause__ is caught.value.__context__ is None


async def test_a_machine_without_a_keyring_is_told_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="unlock or install one"):
        await KeyringSecrets("x", backend=NO_RING()).resolve("KEY")


async def test_a_keyring_that_is_turned_off_holds_nothing_and_takes_nothing() -> None:
    secrets = KeyringSecrets("x", backend=OFF())
    with pytest.raises(MissingSecretError):
        await secrets.resolve("KEY")
    with pytest.raises(ReadOnlyStoreError):
        await secrets.store("KEY", "x")


async def test_a_value_that_is_not_there_afterwards_is_a_conflict(
    ring: MemoryRing,
) -> None:
    ring.turns = "somebody-elses"
    with pytest.raises(ConflictError):
        await KeyringSecrets("x", backend=ring).store("KEY", "mine")
    with pytest.raises(MalformedSecretError, match="whole entry"):
        await KeyringSecrets("x", backend=ring).store("KEY#field", "mine")


async def test_without_a_name_keyring_chooses(
    ring: MemoryRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    ring.set_password("x", "KEY", "chosen-value")
    source = KeyringSource("x")
    for _ in range(2):
        assert (await source.fetch("KEY")).reveal() == "chosen-value"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere.to.be.Found", "there is no"),
        ("keyring.backends.null.NoSuch", "there is no"),
        ("NoModule", "there is no"),
        ("keyring.backends.Windows.WinVaultKeyring", "can't be used"),
    ],
)
async def test_a_backend_that_cannot_be_had_is_named(name: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=f"keyring.backend: .*{says}"):
        await KeyringSource("x", backend=name).fetch("KEY")
    with pytest.raises(ConfigurationError, match="service"):
        KeyringSource("")


async def test_settings_make_one() -> None:
    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)

    app = App()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "keyring",
                "keyring": {
                    "service": "an-application",
                    "backend": "keyring.backends.null.Keyring",
                },
            }
        }
    )
    async with lifetime(app):
        with pytest.raises(MissingSecretError):
            await app.backend().resolve("KEY")


def test_without_the_package_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "secretscope.backends.keyring")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[keyring\]"):
        __import__("secretscope.backends.keyring")


def test_it_shows_its_service() -> None:
    assert repr(KeyringSecrets("x", backend=MemoryRing())) == (
        "KeyringSecrets(the keyring's service 'x')"
    )
