"""What a person gets wrong, and the one clear line that each mistake is answered with."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.commands import Run

SHOP = ("shop:Shop", "--config", "shop.yml")


def files(folder: Path) -> None:
    """Write what the mistakes below name."""
    (folder / "app.txt").write_text("model: echo")
    (folder / "bad.yml").write_text("secrets: [unclosed, hunter2hunter2")
    (folder / "bad.json").write_text('{"secrets": hunter2hunter2}')
    (folder / "bad.ini").write_text("hunter2hunter2")
    (folder / "wrong.yml").write_text("secrets: {backend: valt, pth: x}\nmodel: echo")
    (folder / "vague.yml").write_text("model: cluade-opus\nsecrets: {backend: env}")
    (folder / "empty.yml").write_text("model: echo")
    (folder / "no_folder.yml").write_text(
        "model: echo\nsecrets: {backend: files, files: {directory: nowhere}}"
    )
    (folder / "one_tenant.yml").write_text(
        "model: echo\nsecrets: {backend: env, tenants: {names: '[a-z]+'}}"
    )
    (folder / "env.yml").write_text("model: echo\nsecrets: {backend: env}")
    (folder / "halts.py").write_text("raise RuntimeError('password=hunter2hunter2')")
    (folder / "needs.py").write_text("import nobody_has_this")
    (folder / "ends.py").write_text("raise SystemExit(0)")
    (folder / "syntax.py").write_text("def broken(:")
    (folder / "none.toml").write_text("# nothing yet")
    (folder / "list.json").write_text("[1]")
    (folder / "empty.log").write_text("")
    (folder / "blank").write_text("\n")
    (folder / "folder.yml").mkdir()
    (folder / "bare.py").write_text("value = 1")
    (folder / "log.jsonl").write_text("no json")
    (folder / "edited.jsonl").write_text('{"number": 7, "signature": "é"}\n')
    (folder / "twice.jsonl").write_text('{"number": 1, "number": 2}\n')
    (folder / "plain.jsonl").write_text('{"number": 1}\n')
    (folder / "key").write_text("signing-key-for-tests-1")


MISTAKES: list[tuple[tuple[str, ...], int, str]] = [
    ((), 2, "Usage: secretscope"),
    (("mpa",), 2, "there is no command 'mpa'; did you mean 'map'?"),
    (("xyz",), 2, "there is no command 'xyz': one of audit, check"),
    (("--verison",), 2, "No such option '--verison'"),
    (("check",), 2, "Missing argument 'MODULE:CONTAINER'"),
    (("check", "shop"), 2, "'shop' names no container: say module:Name"),
    (("check", ":Shop"), 2, "names no container"),
    (("check", "shop:"), 2, "names no container"),
    (("check", "nowhere:Shop"), 2, "there is no module 'nowhere' here; run this in"),
    (("check", "shop.inner:Shop"), 2, "there is no module 'shop.inner' here"),
    (("check", "shop:Shpo"), 2, "shop has no 'Shpo'; did you mean 'Shop'?"),
    (("check", "shop:shop.nothing"), 2, "shop has no 'shop.nothing'"),
    (("check", "shop:number"), 2, "shop:number is no container"),
    (("check", "shop:later"), 2, "(no async one) that returns one"),
    (("check", "shop.py:Shop"), 2, "'shop.py' is no module's name: say shop:Name"),
    (("check", "./app/shop:Shop"), 2, "say app.shop:Name, with dots and without .py"),
    (("check", ".:Shop"), 2, "say app.containers:Name"),
    (("check", "shop:Xyz"), 2, "; its containers are Shop, Plain, TwoStores"),
    (("check", "bare:App"), 2, "bare has no 'App'; it has no container"),
    (("check", "ends:App"), 2, "ends ends the process as it is imported"),
    (("check", "syntax:App"), 2, "SyntaxError: invalid syntax (syntax.py, line 1)"),
    (("check", "shop:Fails"), 2, "gone.json: Unable to load configuration file"),
    (("check", "shop:Strict"), 2, 'Undefined configuration option "config.secrets"'),
    (("check", "shop:SlowStore", "--timeout", "0.01"), 3, "Slow did not answer for"),
    (("check", "shop:OwnStore"), 3, "its text is not shown: it may hold a value"),
    (("rotate", "shop:OwnStore", "KEY"), 3, "raised in shop.py, line"),
    (("check", *SHOP, "--timeout", "0"), 2, "'--timeout'"),
    (
        ("check", "shop:Shop", "--config", "list.json"),
        2,
        "holds no mapping of settings",
    ),
    (
        ("check", "shop:Shop", "--config", "folder.yml"),
        2,
        "can't be read: Is a directory",
    ),
    (("check", "shop:other"), 2, "shop:other is no container"),
    (("check", "shop:broken"), 2, "shop:broken() failed: RuntimeError"),
    (("check", "halts:App"), 2, "halts can't be imported: RuntimeError"),
    (
        ("check", "needs:App"),
        2,
        "needs needs 'nobody_has_this', which is not installed",
    ),
    (("check", "shop:Plain", "--config", "shop.yml"), 2, "has no provider 'config'"),
    (("check", "shop:Shop", "--config", "gone.yml"), 2, "gone.yml is not there"),
    (
        ("check", "shop:Shop", "--config", "app.txt"),
        2,
        "is no .yml, .yaml, .json, .toml or",
    ),
    (("check", "shop:Shop", "--config", "bad.yml"), 2, "bad.yml can't be read"),
    (("check", "shop:Shop", "--config", "bad.json"), 2, "in line 1"),
    (("check", "shop:Shop", "--config", "bad.ini"), 2, "bad.ini can't be read"),
    (("check", "shop:Shop"), 2, "secrets: nothing is configured; set secrets.backend"),
    (("check", "shop:Shop", "--config", "none.toml"), 2, "nothing is configured"),
    (("check", "shop:Shop", "--config", "empty.yml"), 2, "nothing is configured"),
    (("check", "shop:Shop", "--config", "wrong.yml"), 2, "unknown backend 'valt'"),
    (("map", "shop:Shop", "--config", "wrong.yml"), 2, "did you mean 'path'"),
    (("check", "shop:Shop", "--config", "vague.yml"), 2, "did you mean 'claude-'"),
    (("check", "shop:Shop", "--config", "no_folder.yml"), 3, "directory is not there"),
    (("check", *SHOP, "--tenant", "acme/.."), 2, "'acme/..' is no tenant name"),
    (
        ("check", "shop:Shop", "--config", "one_tenant.yml", "--tenant", "Acme"),
        2,
        "'Acme' is no tenant name",
    ),
    (("check", *SHOP, "--tenants", "acme"), 2, "Did you mean '--tenant'?"),
    (("map", *SHOP, "--format", "png"), 2, "'png' is not one of 'text', 'mermaid'"),
    (("rotate", *SHOP), 2, "Missing argument 'REF'"),
    (("rotate", *SHOP, "../DB_PASSWORD"), 2, "is a way out of its folder"),
    (
        ("rotate", *SHOP, "NOTHING"),
        2,
        "secret 'NOTHING' not present in the application",
    ),
    (
        ("rotate", *SHOP, "NOTHING", "--tenant", "acme"),
        2,
        "'NOTHING' not present in tenant 'acme'",
    ),
    (("rotate", *SHOP, "A", "--on", "secret"), 2, "did you mean 'secrets'"),
    (
        ("rotate", "shop:TwoStores", "--config", "shop.yml", "A"),
        2,
        "name one with --on: one, two",
    ),
    (("store", *SHOP, "a key"), 2, "it holds a character that no ref may"),
    (("rotate", "shop:Plain", "A"), 2, "the container has no store: add a"),
    (
        ("rotate", *SHOP, "A", "--on", "xyz"),
        2,
        "no such store: it has backend, secrets",
    ),
    (
        ("rotate", *SHOP, "A", "--on", "backend", "--tenant", "acme"),
        2,
        "--on backend reads the application's secrets alone",
    ),
    (("store", *SHOP, "A", "hunter2"), 2, "the value is never an argument"),
    (("store", *SHOP, "A=hunter2"), 2, "the value is never an argument"),
    (("store", *SHOP, "--value", "hunter2", "A"), 2, "No such option '--value'"),
    (
        ("rotate", "shop:OwnStore", "A", "--tenant", "acme"),
        2,
        "the container reads the application's secrets alone",
    ),
    (("store", *SHOP, "A", "--tenant", "acme"), 2, "the pipe holds no value"),
    (("scan", "gone.txt"), 2, "Path 'gone.txt' does not exist"),
    (("redact", "gone.txt"), 2, "'gone.txt': No such file or directory"),
    (("audit",), 2, "Usage: secretscope audit"),
    (("audit", "verify", "gone"), 2, "File 'gone' does not exist"),
    (
        ("audit", "verify", "log.jsonl"),
        2,
        "set AUDIT_SIGNING_KEY, or name a --key-file",
    ),
    (("audit", "verify", "log.jsonl", "--key-file", "key"), 1, "is no JSON object"),
    (("audit", "verify", "edited.jsonl", "--key-file", "key"), 1, "deleted or moved"),
    (("audit", "verify", "plain.jsonl", "--key-file", "key"), 1, "it is not signed"),
    (("audit", "verify", "twice.jsonl", "--key-file", "key"), 1, "is no JSON object"),
    (("audit", "verify", "empty.log", "--key-file", "key"), 1, "0 entries"),
    (("audit", "verify", "plain.jsonl", "--key-file", "blank"), 2, "blank is empty"),
    (("init", "app.txt"), 2, "Directory 'app.txt' is a file"),
    (("init", "/proc/my-app"), 2, "/proc/my-app: "),
    (("demo", "--model", "cluade-1"), 2, "did you mean 'claude-'"),
    (("init", "."), 2, "is there already: name an empty folder"),
]


def test_yaml_without_its_library_says_which(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secretscope.cli._settings.find_spec", lambda name: None)
    code, _, err = run("map", *SHOP)
    assert code == 2
    assert "YAML needs pip install pyyaml" in err


def test_there_are_at_least_forty() -> None:
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize(
    "argv",
    [(*argv, "--json") for argv, _, _ in MISTAKES if argv[:1] and argv != ("audit",)],
    ids=" ".join,
)
def test_a_mistake_is_told_in_json_to_who_asks_for_it(
    argv: tuple[str, ...], run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(folder)
    (folder / "app.json").write_text("{}")
    monkeypatch.delenv("AUDIT_SIGNING_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, err = run(*argv)
    told = json.loads(out)
    assert code
    assert "hunter2" not in out + err
    if isinstance(told, dict) and "errors" in told:
        assert told["exit_code"] == code
        assert all(each["kind"] and each["message"] for each in told["errors"])
        assert err == "" or "Traceback" not in err


@pytest.mark.parametrize(
    ("argv", "code", "said"), MISTAKES, ids=[" ".join(m[0]) or "-" for m in MISTAKES]
)
def test_a_mistake_is_one_clear_line(
    argv: tuple[str, ...],
    code: int,
    said: str,
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files(folder)
    (folder / "app.json").write_text("{}")
    monkeypatch.delenv("AUDIT_SIGNING_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    done, out, err = run(*argv)
    assert said in err + out
    assert done == code
    assert "Traceback" not in err + out
    assert "hunter2" not in err + out
