"""A ``.env`` file: what it says and no more, and the environment is left alone."""

import os
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    InvalidRefError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    Secret,
    SecretsBackend,
    StoreUnavailableError,
    lifetime,
)
from secretscope.backends._disk import Place
from secretscope.backends.dotenv import DotenvSecrets, DotenvSource
from secretscope.protocols import Secrets
from secretscope.testing import SecretsContract, SourceContract

TEXT = """\
# of our development
PLAIN=plain-value-01
export QUOTED="line one\\nline two"   # a comment
RAW='${PLAIN} and $HOME'
OPEN=${PLAIN}
NOTHING
TWICE=first
TWICE=second
db={"user": "anna", "password": "pass-word-1"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text(TEXT)
    path.chmod(0o600)
    os.utime(path, (1, 1))
    return path


class TestDotenvSource(SourceContract):
    writes_fields = False

    @pytest.fixture
    def source(self, tmp_path: Path) -> DotenvSource:
        return DotenvSource(tmp_path / ".env")


class TestDotenvSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self, tmp_path: Path) -> Secrets:
        return DotenvSecrets(tmp_path / ".env")


def write(path: Path, text: str, *, mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


def read(path: Path) -> str:
    return path.read_text()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_file_is_read_as_it_stands(path: Path) -> None:
    before = dict(os.environ)
    secrets = DotenvSecrets(path)
    for name, value in {
        "PLAIN": "plain-value-01",
        "QUOTED": "line one\nline two",
        "RAW": "${PLAIN} and $HOME",
        "OPEN": "${PLAIN}",
        "TWICE": "second",
        "db#password": "pass-word-1",
    }.items():
        assert await secrets.resolve(name) == value
    for name in ("NOTHING", "HOME"):
        with pytest.raises(MissingSecretError, match=f"{name}=..."):
            await DotenvSource(path).fetch(name)
    assert dict(os.environ) == before
    assert str(path) in repr(secrets)


async def test_many_names_are_read_at_once(path: Path) -> None:
    found = await DotenvSecrets(path).resolve_many(["PLAIN", "TWICE", "NO"])
    assert [found["PLAIN"], found["TWICE"]] == ["plain-value-01", "second"]
    assert isinstance(found["NO"], MissingSecretError)


async def test_a_file_that_is_not_there_has_no_names(tmp_path: Path) -> None:
    with pytest.raises(MissingSecretError):
        await DotenvSecrets(tmp_path / "nowhere" / ".env").resolve("A")


async def test_a_line_that_cannot_be_read_is_named(path: Path) -> None:
    write(path, "A=1\nB='never ends\nC=value-value-c\n")
    secrets = DotenvSecrets(path)
    assert await secrets.resolve("C") == "value-value-c"
    with pytest.raises(MalformedSecretError, match="in line 2"):
        await secrets.resolve("B")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda path: path.write_bytes(b"A=\xff\xfe"), MalformedSecretError),
        (lambda path: path.write_bytes(b"A" * 1024 * 1025), MalformedSecretError),
        (lambda path: (path.unlink(), path.mkdir()), MalformedSecretError),
        (lambda path: (path.unlink(), path.symlink_to(path)), AccessDeniedError),
    ],
    ids=["binary", "large", "folder", "loop"],
)
async def test_what_is_no_file_of_names_is_told_apart(
    path: Path, spoil: Callable[[Path], object], expected: type[Exception]
) -> None:
    spoil(path)
    source = DotenvSource(path)
    with pytest.raises(expected) as caught:
        await source.fetch("A")
    assert caught.value.__cause__ is caught.value.__context__ is None
    with pytest.raises(expected):
        await source.put("A", "x")


async def test_a_world_readable_file_is_warned_of_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(path, TEXT, mode=0o644)
    source = DotenvSource(path)
    for _ in range(2):
        await source.fetch("PLAIN")
    assert [record.message.count("chmod 0600") for record in caplog.records] == [1]


async def test_storing_changes_one_name_and_leaves_the_rest(path: Path) -> None:
    secrets = DotenvSecrets(path)
    await secrets.store("TWICE", 'it\'s a \\new\\ "value"')
    await secrets.store("NEW/one", "new-value-1")
    await secrets.store("a=b", "with an equal sign")
    text = read(path)
    assert text.startswith("# of our development\nPLAIN=plain-value-01\nexport QUOTED")
    assert "TWICE=first\n" in text
    assert text.endswith("NEW/one='new-value-1'\n'a=b'='with an equal sign'\n")
    again = DotenvSecrets(path)
    assert await again.resolve("TWICE") == 'it\'s a \\new\\ "value"'
    assert await again.resolve("a=b") == "with an equal sign"
    assert mode(path) == 0o600
    write(path, "A=1")
    await secrets.store("B", "2")
    assert read(path) == "A=1\nB='2'\n"


async def test_a_name_outside_the_grammar_touches_no_file(tmp_path: Path) -> None:
    source = DotenvSource(tmp_path / "nowhere" / ".env")
    with pytest.raises(InvalidRefError):
        await source.fetch("A\nB")
    with pytest.raises(InvalidRefError):
        await source.put("A\nB", "x")
    with pytest.raises(MalformedSecretError, match="UTF-8"):
        await source.put("A", "half \ud800 a character")
    assert os.listdir(tmp_path) == []


class Raced(DotenvSource):
    """Somebody else writes between the reading and the writing of a `put`."""

    looks = 0

    def _place(self) -> Place:
        self.looks += 1
        if self.looks == 2:
            self._path.write_text("A=somebody-elses")
        return super()._place()


async def test_of_two_writers_one_sees_a_conflict(path: Path) -> None:
    with pytest.raises(ConflictError):
        await Raced(path).put("A", "mine")
    assert read(path) == "A=somebody-elses"


async def test_a_place_that_cannot_be_written_to_is_denied(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AccessDeniedError):
        await DotenvSource(tmp_path / "file" / ".env").put("A", "x")


async def test_each_name_that_was_read_is_told_when_the_file_changes(
    path: Path,
) -> None:
    source = DotenvSource(path)
    await source.fetch_many(["PLAIN", "NO"])
    async with aclosing(source.watch()) as watch:
        for text in ("PLAIN=plain-value-02", "PLAIN=plain-value-03\nNO=now-there"):
            await anyio.to_thread.run_sync(path.write_text, text)
            assert {await anext(watch), await anext(watch)} == {"PLAIN", "NO"}
            found = await source.fetch_many(["PLAIN", "NO"])
            assert isinstance(found["NO"], Secret) == ("NO" in text)


async def test_a_file_that_is_written_to_all_the_time_is_an_outage(path: Path) -> None:
    sizes = iter(range(100))

    def scribble() -> None:
        path.write_text("A" * next(sizes))

    async def pause(seconds: float) -> None:
        await anyio.to_thread.run_sync(scribble)

    scribble()
    source = DotenvSource(path, pause=pause)
    for act in (source.fetch("A"), source.put("A", "x")):
        with pytest.raises(StoreUnavailableError, match="being written"):
            await act


async def test_settings_make_one(path: Path) -> None:
    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)

    app = App()
    app.config.from_dict(
        {"secrets": {"backend": "dotenv", "dotenv": {"path": str(path)}}}
    )
    async with lifetime(app):
        assert await app.backend().resolve("PLAIN") == "plain-value-01"
    with pytest.raises(ConfigurationError, match="dotenv.poll"):
        DotenvSource(path, poll=0)


def test_without_the_package_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(sys.modules):
        if name.startswith("secretscope.backends.dotenv"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dotenv", None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[dotenv\]"):
        __import__("secretscope.backends.dotenv")
