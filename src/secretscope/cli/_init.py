"""``init``: a starter to change: a container, its configuration, and a test."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from secretscope.cli._console import as_json, json_option

_FILES = {
    "app/__init__.py": "",
    "app/containers.py": "containers.py.txt",
    "app/main.py": "main.py.txt",
    "app.json": "app.json.txt",
    "conftest.py": "conftest.py.txt",
    "tests/test_app.py": "test_app.py.txt",
    "secrets/tenants/acme/ECHO_API_KEY": "key.txt",
    ".gitignore": "gitignore.txt",
}
"""What is written, and the template it is made from; none is an empty file."""
_NEXT = (
    "python -m app.main",
    "secretscope check app.containers:App --config app.json --tenant acme",
    "python -m pytest  # pip install 'secretscope[testing]'",
)


@click.command(name="init", short_help="Write a commented starter into a folder.")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), default=Path()
)
@json_option
def command(folder: Path, json_: bool) -> int:  # noqa: FBT001
    """Write a commented starter into FOLDER; nothing that is there is touched."""
    there = [name for name in _FILES if (folder / name).exists()]
    if there:
        raise click.UsageError(
            f"{folder / there[0]} is there already: name an empty folder, "
            "as in secretscope init my-app"
        )
    templates = files("secretscope.cli") / "starter"
    for name, template in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (templates / template).read_text("utf-8") if template else ""
        path.write_text(text, encoding="utf-8")
        if name.startswith("secrets/"):
            path.chmod(0o400)
    written = [str(folder / name) for name in _FILES]
    if json_:
        as_json({"folder": str(folder), "written": written, "next": list(_NEXT)})
        return 0
    away = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    steps = "\n  ".join([*away, *_NEXT])
    click.echo("\n".join(f"wrote {each}" for each in written) + f"\n\nNext:\n  {steps}")
    return 0
