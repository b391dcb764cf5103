"""Mounted files: laid out as Docker and Kubernetes do, and never left."""

import os
from pathlib import Path

import pytest

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    FileSecrets,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    StoreUnavailableError,
)
from secretscope.redaction import redact


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    return folder


async def test_one_newline_at_the_end_is_dropped(folder: Path) -> None:
    (folder / "A").write_bytes(b"file-value-0001\n\n")
    (folder / "B").write_bytes(b"file-value-0002\r\n")
    secrets = FileSecrets(folder)
    assert secrets.lookup_sync("A") is None
    assert await secrets.resolve("A") == "file-value-0001\n"
    assert await secrets.resolve("B") == "file-value-0002"
    assert secrets.lookup_sync("B") == "file-value-0002"
    assert redact("got file-value-0002") == "got [REDACTED]"


async def test_the_layout_of_kubernetes_is_read(folder: Path) -> None:
    (folder / "..2026").mkdir()
    (folder / "..2026" / "KEY").write_text("mounted-value-1")
    (folder / "..data").symlink_to("..2026")
    (folder / "KEY").symlink_to("..data/KEY")
    assert await FileSecrets(folder).resolve("KEY") == "mounted-value-1"


async def test_a_ref_never_leaves_the_directory(folder: Path) -> None:
    (folder.parent / "outside").write_text("outside")
    (folder / "link").symlink_to(folder.parent / "outside")
    secrets = FileSecrets(folder)
    with pytest.raises(AccessDeniedError, match="out of the directory"):
        await secrets.resolve("link")
    for ref in ("../outside", "a/../../outside", "/etc/passwd", "%2e%2e/outside"):
        with pytest.raises(InvalidRefError):
            await secrets.resolve(ref)
        with pytest.raises(InvalidRefError):
            secrets.lookup_sync(ref)


async def test_what_is_no_secret_is_told_apart(folder: Path) -> None:
    (folder / "large").write_text("x" * 20)
    (folder / "binary").write_bytes(b"\xff\xfe")
    (folder / "folder").mkdir()
    (folder / "file").write_text("x")
    secrets = FileSecrets(folder, max_bytes=10)
    for ref, expected in (
        ("large", "10 bytes"),
        ("binary", "UTF-8"),
        ("folder", "file"),
    ):
        with pytest.raises(MalformedSecretError, match=expected):
            await secrets.resolve(ref)
    for ref in ("absent", "file/inner"):
        with pytest.raises(MissingSecretError):
            await secrets.resolve(ref)
    with pytest.raises(StoreUnavailableError, match="not there"):
        await FileSecrets(folder / "nowhere").resolve("A")
    with pytest.raises(ConfigurationError, match="max_bytes"):
        FileSecrets(folder, max_bytes=0)


async def test_a_file_that_cannot_be_read_is_denied(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    with pytest.raises(AccessDeniedError):
        await FileSecrets(folder).resolve("loop")


async def test_a_world_readable_file_is_warned_of_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "A").write_text("value-value-1")
    (folder / "B").write_text("value-value-2")
    (folder / "A").chmod(0o644)
    (folder / "B").chmod(0o400)
    secrets = FileSecrets(folder)
    await secrets.resolve("A")
    await secrets.refresh("A")
    await secrets.resolve("B")
    assert [r.message.count("chmod 0400") for r in caplog.records] == [1]


async def test_storing_replaces_the_file_in_one_step(folder: Path) -> None:
    secrets = FileSecrets(folder)
    await secrets.store("tenants/acme/KEY", "stored-value-1")
    assert secrets.lookup_sync("tenants/acme/KEY") == "stored-value-1"
    path = folder / "tenants" / "acme" / "KEY"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["KEY"]
    with pytest.raises(MalformedSecretError, match="whole file"):
        await secrets.store("KEY#field", "x")
    (folder / "file").write_text("x")
    with pytest.raises(AccessDeniedError):
        await secrets.store("file/KEY", "x")
    (folder / "dir").mkdir()
    with pytest.raises(AccessDeniedError):
        await secrets.store("dir", "x")


async def test_a_field_and_a_namespace_are_read(folder: Path) -> None:
    (folder / "acme").mkdir()
    (folder / "acme" / "db").write_text('{"user": "anna", "password": "pass-word-1"}')
    secrets = FileSecrets(folder).namespaced("acme")
    assert await secrets.resolve("db#user") == "anna"
    assert secrets.lookup_sync("db#password") == "pass-word-1"
    assert str(folder) in repr(FileSecrets(folder))


async def test_a_system_that_fails_to_read_is_no_missing_secret(folder: Path) -> None:
    (folder / "out").symlink_to(folder / ("x" * 300))
    with pytest.raises(AccessDeniedError):
        await FileSecrets(folder).resolve("out")
