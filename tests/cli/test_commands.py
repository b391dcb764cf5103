"""Each command does what it says, for people and for scripts, and shows no value."""

import errno
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import anyio
import pytest

from secretscope.agent import JsonlAuditLog
from secretscope.cli import _main
from tests.cli.conftest import ACME_VALUE, DB_VALUE

Run = Callable[..., tuple[int, str, str]]
SHOP = ("shop:Shop", "--config", "shop.yml")
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3


# --- check ---------------------------------------------------------------------------


def test_check_finds_what_is_there_and_says_what_belongs_to_tenants(
    run: Run, folder: Path
) -> None:
    code, out, _ = run("check", *SHOP)
    assert code == 0
    database, agent = out.splitlines()[1:3]
    assert database.startswith("DB_PASSWORD")
    assert "Shop.database" in database
    assert " yes " in database
    assert "--tenant NAME asks for one tenant's" in agent
    assert "1 need can be met; 1 need of tenants not asked for" in out


def test_check_asks_for_each_named_tenant(run: Run, folder: Path) -> None:
    code, out, _ = run(
        "check", *SHOP, "--tenant", "acme", "--tenant", "globex", "--tenant", "acme"
    )
    assert code == 1
    assert "tenants/acme/ANTHROPIC_API_KEY" in out
    assert "put it at tenants/globex/ANTHROPIC_API_KEY" in out
    assert "1 of 3 needs can't be met" in out
    assert "{tenant}" not in out
    assert ACME_VALUE not in out
    assert DB_VALUE not in out


def test_check_in_json_holds_the_same_and_no_value(run: Run, folder: Path) -> None:
    code, out, _ = run("check", *SHOP, "--tenant", "acme", "--json")
    assert code == 0
    answers = json.loads(out)
    assert [(a["ref"], a["tenant"], a["found"]) for a in answers] == [
        ("DB_PASSWORD", None, "found"),
        ("ANTHROPIC_API_KEY", "acme", "found"),
    ]
    assert answers[0]["age"] is not None
    assert DB_VALUE not in out


def test_check_names_a_store_that_failed(run: Run, folder: Path) -> None:
    (folder / "secrets" / "DB_PASSWORD").unlink()
    (folder / "secrets" / "DB_PASSWORD").mkdir()
    code, out, _ = run("check", *SHOP)
    assert code == 3
    assert "failed" in out
    assert "a file, not a folder" in out


def test_check_takes_the_environment_where_the_order_does(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "env.yml").write_text("model: gpt-x\nsecrets: {backend: env}")
    monkeypatch.setenv("OPENAI_API_KEY", "environment-value-01")
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    code, out, _ = run("check", "shop:Shop", "--config", "env.yml")
    assert code == 1
    assert "set the environment variable DB_PASSWORD" in out
    (folder / "files.yml").write_text(
        "model: gpt-x\nsecrets: {backend: files, files: {directory: secrets}}"
    )
    code, out, _ = run("check", "shop:Shop", "--config", "files.yml")
    assert code == 0
    assert "environment" in out
    assert "environment-value-01" not in out


def test_check_without_a_store_looks_in_the_environment(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run("check", "shop:NoStore")
    assert code == 1
    assert "set the environment variable OPENAI_API_KEY" in out
    monkeypatch.setenv("OPENAI_API_KEY", "environment-value-01")
    code, out, _ = run("check", "shop:NoStore")
    assert code == 0
    assert "NoStore.agent, NoStore.twin" in out


def test_check_merges_who_needs_the_same(run: Run, folder: Path) -> None:
    (folder / "secrets" / "ROOT").write_text("root-value-000001")
    (folder / "secrets" / "ROOT").chmod(0o600)
    (folder / "f.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"}}}'
    )
    code, out, _ = run("check", "shop:Twins", "--config", "f.json")
    assert code == 0
    assert "Twins.first.a, Twins.again.b" in out


def test_check_of_what_needs_nothing_says_so(run: Run, folder: Path) -> None:
    code, out, _ = run("check", "shop:Plain")
    assert code == 0
    assert "shop:Plain declares no needs" in out


def test_check_says_that_what_belongs_to_tenants_was_not_asked_for(
    run: Run, folder: Path
) -> None:
    code, out, _ = run("check", "shop:Apart", "--config", "shop.yml")
    assert code == 0
    assert out.endswith("1 need of tenants not asked for: name them with --tenant\n")


def test_a_tenant_without_a_place_of_its_own_finds_nothing(
    run: Run, folder: Path
) -> None:
    (folder / "flat.toml").write_text(
        'secrets = {backend = "files", files = {directory = "secrets"}}'
    )
    (folder / "secrets" / "OWN").write_text("own-value-for-tests")
    (folder / "secrets" / "OWN").chmod(0o600)
    code, out, _ = run(
        "check", "shop:Apart", "--config", "flat.toml", "--tenant", "acme"
    )
    assert code == 1
    assert "tenants have no place of their own: set secrets.tenants.path" in out


def test_settings_are_read_from_sections_within_sections(
    run: Run, folder: Path
) -> None:
    (folder / "shop.ini").write_text(
        "[secrets]\nbackend = files\n[secrets.files]\ndirectory = secrets\n"
        "[secrets.tenants]\npath = tenants/{tenant}/{ref}\n"
    )
    _, out, _ = run("map", "shop:Apart", "--config", "shop.ini")
    assert "tenants/{tenant}/OWN" in out


def test_what_a_module_prints_is_kept_out_of_the_output(run: Run, folder: Path) -> None:
    _, out, err = run("map", "shop:made", "--config", "shop.yml", "--json")
    assert err == "noise\n"
    assert json.loads(out)


def test_a_function_or_an_instance_will_do(run: Run, folder: Path) -> None:
    for name in ("shop:made", "shop:shop"):
        assert run("check", name, "--config", "shop.yml")[0] == 0


# --- map -----------------------------------------------------------------------------


def test_a_map_says_who_reads_what_from_where(run: Run, folder: Path) -> None:
    code, out, _ = run("map", *SHOP)
    assert code == 0
    assert "FileSecrets(secrets)" in out
    assert "tenants/{tenant}/ANTHROPIC_API_KEY" in out
    assert "Shop.agent" in out


def test_a_map_in_json_and_mermaid(run: Run, folder: Path) -> None:
    _, out, _ = run("map", *SHOP, "--json")
    assert {each["ref"] for each in json.loads(out)} == {
        "DB_PASSWORD",
        "ANTHROPIC_API_KEY",
    }
    _, out, _ = run("map", *SHOP, "--format", "mermaid")
    assert out.startswith("flowchart LR\n")
    assert 'w0["Shop.database.password"]' in out or "Shop.database" in out
    assert "-->" in out


def test_a_map_as_a_picture_is_well_formed(run: Run, folder: Path) -> None:
    (folder / "echo.yml").write_text("model: echo\nsecrets: {backend: env}")
    assert (
        "ECHO_API_KEY, else the environment"
        in run("map", "shop:Shop", "--config", "echo.yml")[1]
    )
    _, out, _ = run("map", "shop:Shop", "--config", "echo.yml", "--format", "svg")
    assert "each tenant" in run("map", *SHOP, "--format", "svg")[1]
    assert "the environment" in run("map", "shop:NoStore", "--format", "svg")[1]
    picture = ET.fromstring(out)  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    said = "".join(picture.itertext())
    assert "ECHO_API_KEY" in said
    assert 'class="optional"' in out


def test_a_map_of_what_needs_nothing_says_so(run: Run, folder: Path) -> None:
    assert "declares no needs" in run("map", "shop:Plain")[1]


def test_a_map_knows_tenants_parts_of_a_store(run: Run, folder: Path) -> None:
    (folder / "apart.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"},'
        ' "tenants": {"namespace": "customers/{tenant}"}}}'
    )
    _, out, _ = run("map", "shop:Apart", "--config", "apart.json")
    assert "customers/{tenant}: OWN" in out
    assert "the environment" not in out
    (folder / "none.json").write_text('{"secrets": {"backend": "env", "tenants": {}}}')
    _, out, _ = run("map", "shop:Apart", "--config", "none.json")
    assert "tenants have no place of their own" in out


def test_a_map_says_where_a_stores_own_settings_are_secrets(
    run: Run, folder: Path
) -> None:
    (folder / "env.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"}}}'
    )
    _, out, _ = run("map", "shop:Twins", "--config", "env.json")
    assert "a store whose settings are secrets" in out


# --- store and rotate ----------------------------------------------------------------


def test_store_takes_the_value_from_a_pipe(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", piped(b"piped\r\nvalue-0001\n"))
    code, out, err = run("store", *SHOP, "NEW_KEY", "--tenant", "acme")
    assert (code, out) == (0, "stored NEW_KEY for tenant acme\n")
    stored = folder / "secrets" / "tenants" / "acme" / "NEW_KEY"
    assert stored.read_bytes() == b"piped\r\nvalue-0001"
    assert "value-0001" not in out + err
    monkeypatch.setattr("sys.stdin", piped(b"\xff\xfe"))
    code, out, err = run("store", *SHOP, "NEW_KEY", "--tenant", "acme")
    assert code == 2
    assert "no UTF-8 text" in err


def piped(given: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(given), newline="")


def test_store_and_rotate_without_a_tenant_are_of_the_applications_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for on in ((), ("--on", "backend"), ("--on", "secrets")):
        monkeypatch.setattr("sys.stdin", io.StringIO("own-value-for-tests\n"))
        code, out, _ = run("store", *SHOP, "DB_PASSWORD", *on, "--json")
        assert code == 0
        stored = json.loads(out)
        assert (stored["ref"], stored["tenant"]) == ("DB_PASSWORD", None)
        assert stored["stored"] is True
        code, out, _ = run("rotate", *SHOP, "DB_PASSWORD", *on)
        assert (code, out.split(";")[0]) == (0, "DB_PASSWORD was fetched anew")
    assert (folder / "secrets" / "DB_PASSWORD").read_text() == "own-value-for-tests"


def test_a_store_in_a_container_within_is_named_by_its_path(
    run: Run, folder: Path
) -> None:
    own = ("shop:Stores", "--config", "shop.yml", "ANTHROPIC_API_KEY")
    code, out, _ = run("rotate", *own, "--on", "core.secrets", "--tenant", "acme")
    assert code == 0
    assert "ANTHROPIC_API_KEY of tenant acme was fetched anew" in out


def test_a_value_that_a_stores_error_holds_is_masked(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("value-for-tests-77"))
    code, out, err = run("store", "shop:OwnStore", "KEY", "--json")
    assert code == 3
    assert "value-for-tests-77" not in out + err


def test_store_asks_on_a_terminal_and_shows_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["typed-value-0001", "typed-value-0001"])
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda text: next(typed))
    monkeypatch.setattr("sys.stdin", _Terminal())
    code, out, _ = run("store", *SHOP, "TYPED", "--tenant", "acme", "--on", "secrets")
    assert code == 0
    assert "typed-value" not in out


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_rotate_says_which_version_is_read_now(run: Run, folder: Path) -> None:
    code, out, _ = run("rotate", *SHOP, "ANTHROPIC_API_KEY", "--tenant", "acme")
    assert code == 0
    assert out == (
        "ANTHROPIC_API_KEY of tenant acme was fetched anew; its store does not number "
        "versions\n"
    )
    code, out, _ = run(
        "rotate", *SHOP, "ANTHROPIC_API_KEY", "--tenant", "acme", "--json"
    )
    assert json.loads(out)["tenant"] == "acme"


def test_rotate_where_the_store_numbers_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNNUMBERED", "environment-value-01")
    two = ("shop:TwoStores", "--config", "shop.yml")
    code, out, _ = run("rotate", *two, "UNNUMBERED", "--on", "two")
    assert code == 0
    assert "its store does not number versions" in out


def test_the_version_that_a_store_gives_is_shown(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "numbered.py").write_text(NUMBERED)
    code, out, _ = run("rotate", "numbered:App", "KEY")
    assert (code, out) == (0, "KEY was fetched anew; it is at version v7\n")
    assert " v7 " in run("check", "numbered:App")[1]


NUMBERED = """
from dependency_injector import containers
from secretscope import Secret, SecretsBackend, SecretValue

class Numbered:
    async def fetch(self, location):
        return Secret("numbered-value-01", version="v7")

class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Numbered)
    key = SecretValue(backend, "KEY")
"""


def test_rotate_of_one_of_several_stores(run: Run, folder: Path) -> None:
    two = ("shop:TwoStores", "--config", "shop.yml")
    code, out, _ = run("rotate", *two, "A", "--on", "one")
    assert code == 0
    assert "A was fetched anew" in out


# --- redact and scan -----------------------------------------------------------------


def test_redact_is_a_filter(folder: Path) -> None:
    done = _pipe("redact", "--label", given=f"token {GITHUB}\nclean line\n".encode())
    assert done.stdout == b"token [REDACTED:github-pat]\nclean line\n"
    assert _pipe("redact", given=b"").stdout == b""
    assert _pipe("redact", given=b"\xff\xfe").stdout == b"\xff\xfe"


def test_redact_reads_files(run: Run, folder: Path) -> None:
    (folder / "a.log").write_text(f"a {GITHUB}\n")
    code, out, _ = run("redact", "a.log", "a.log")
    assert (code, out) == (0, "a [REDACTED]\na [REDACTED]\n")


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    (folder / "long.log").write_text("a line that is long enough\n" * 200_000)
    command = f"{sys.executable} -m secretscope redact long.log | head -n 1"
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        command, shell=True, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"a line that is long enough\n"
    assert done.stderr == b""


def _pipe(*argv: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "secretscope", *argv],
        input=given,
        capture_output=True,
        check=True,
        timeout=60,
    )


def test_scan_says_which_shape_stands_where(run: Run, folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(f"clean = 1\nkey = '{GITHUB}'\n")
    (folder / "src" / "b.py").write_text("nothing = None\n")
    (folder / "src" / ".git").mkdir()
    (folder / "src" / ".git" / "c").write_text(GITHUB)
    code, out, err = run("scan", "src")
    assert code == 1
    assert "src/a.py:2:8" in out
    assert "github-pat" in out
    assert GITHUB not in out
    assert "1 credential in 1 file" in err


def test_scan_in_json_of_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "secretscope", "scan", "--json"],
        input=f"x\n  {GITHUB} {GITHUB}".encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    hits = json.loads(done.stdout)
    assert [(hit["line"], hit["column"]) for hit in hits] == [(2, 3), (2, 44)]
    assert {hit["masked"] for hit in hits} == {"[REDACTED] [REDACTED]"}


def test_scan_reads_standard_input_where_nothing_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO(f"key {GITHUB}".encode()))
    monkeypatch.setattr("sys.stdin", given)
    code, out, _ = run("scan")
    assert code == 1
    assert "-:1:5" in out


def test_scan_takes_each_file_once_and_follows_no_link_to_a_folder(
    run: Run, folder: Path
) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(f"key = '{GITHUB}'\n")
    (folder / "src" / "loop").symlink_to(folder / "src")
    code, _, err = run("scan", "src", "src/a.py", str(folder / "src"))
    assert code == 1
    assert "1 credential in 1 file" in err


def test_scan_goes_on_past_a_folder_that_it_may_not_list(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "src" / "closed").mkdir(parents=True)
    (folder / "src" / "open.py").write_text(f"key = '{GITHUB}'\n")
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    code, _, err = run("scan", "src")
    assert code == 1
    assert "secretscope: src/closed: " in err
    assert "1 credential in 1 file" in err


def test_scan_says_which_file_it_could_not_read(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "clean.txt").write_text("nothing here\n")
    (folder / "gone.txt").write_text("nothing here\n")
    opened = Path.open

    def refuse(path: Path, *args: str, **more: object) -> object:
        if path.name == "gone.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "stat", _no_longer_there(Path.stat))
    code, _, err = run("scan", "clean.txt", "gone.txt")
    assert code == 2
    assert "secretscope: gone.txt: Permission denied" in err


def _no_longer_there(stat: Callable[..., os.stat_result]) -> Callable[..., object]:
    """Return a stat for which a file is there to be listed, and no longer after that."""
    seen: set[str] = set()

    def once(path: Path, **more: bool) -> os.stat_result:
        if path.name == "clean.txt" and path.name in seen:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        seen.add(path.name)
        return stat(path, **more)

    return once


def test_scan_passes_over_what_is_no_file(run: Run, folder: Path) -> None:
    (folder / "pipes").mkdir()
    os.mkfifo(folder / "pipes" / "a")
    assert run("scan", "pipes")[0] == 0


def test_scan_of_clean_files_is_fine(run: Run, folder: Path) -> None:
    (folder / "clean.txt").write_text("nothing here\n")
    code, out, err = run("scan", "clean.txt")
    assert (code, out) == (0, "")
    assert "no credentials found" in err
    assert run("scan", "clean.txt", "--json")[1] == "[]\n"


# --- audit, init, and the way in -----------------------------------------------------


def test_audit_verify_tells_an_edited_log(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"signing-key-for-tests"

    async def write() -> None:
        log = JsonlAuditLog(Path("audit.jsonl"), key=key)
        await log.write("run", prompt="hello")
        await log.write("done", output="there")

    anyio.run(write)
    monkeypatch.setenv("AUDIT_SIGNING_KEY", key.decode())
    code, out, _ = run("audit", "verify", "audit.jsonl")
    assert (code, out) == (0, "audit.jsonl: 2 entries, as they were written\n")
    edited = Path("audit.jsonl").read_text().replace("hello", "goodbye")
    Path("audit.jsonl").write_text(edited)
    code, out, err = run("audit", "verify", "audit.jsonl")
    assert code == 1
    assert "it was edited" in err
    code, out, _ = run("audit", "verify", "audit.jsonl", "--json")
    assert json.loads(out)["verified"] is False


def test_the_starter_runs_and_its_tests_pass(run: Run, folder: Path) -> None:
    code, out, _ = run("init", "my-app")
    assert code == 0
    assert "python -m app.main" in out
    place = folder / "my-app"
    script = "import pytest, sys; sys.path.remove(''); sys.exit(pytest.main(['-q']))"
    for module in (
        ("-m", "app.main"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        ("-c", script),  # as the script pytest does
    ):
        done = subprocess.run(  # noqa: S603
            [sys.executable, *module],
            cwd=place,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_that_is_there_is_touched(run: Run, folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "containers.py").write_text("mine")
    code, _, err = run("init", ".")
    assert code == 2
    assert "is there already" in err
    assert (folder / "app" / "containers.py").read_text() == "mine"


def test_audit_verify_counts_what_it_should_find(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"signing-key-for-tests"
    anyio.run(JsonlAuditLog(Path("audit.jsonl"), key=key).write, "run")
    monkeypatch.setenv("AUDIT_SIGNING_KEY", key.decode())
    assert run("audit", "verify", "audit.jsonl", "--entries", "1")[0] == 0
    code, _, err = run("audit", "verify", "audit.jsonl", "--entries", "2")
    assert code == 1
    assert "1 entry, and not 2: the rest was cut off" in err


def test_the_version_is_shown(run: Run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("secretscope ")


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in ("audit", "check", "demo", "init", "map", "redact", "rotate", "scan"):
        assert f"\n  {name} " in out


def test_an_interrupt_is_told_in_a_word(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(target: str, configs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("secretscope.cli._map.load", interrupted)
    code, _, err = run("map", *SHOP)
    assert code == 130
    assert "interrupted" in err


def without(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=absent)

    monkeypatch.setattr(importlib, "import_module", missing)


def test_what_is_missing_for_another_reason_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without("secretscope.cli._gone", monkeypatch)
    with pytest.raises(ModuleNotFoundError):
        _main.main(["demo"])


def test_without_its_extra_the_command_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without("click", monkeypatch)
    assert _main.main(["demo"]) == 2
    assert "pip install 'secretscope[cli]'" in capsys.readouterr().err
