"""``init``: a starter to change: a container, its configuration, and a test."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

_FILES = {
    "app/__init__.py": "",
    "app/containers.py": "containers.py.txt",
    "app/main.py": "main.py.txt",
    "app.json": "app.json.txt",
    "tests/test_app.py": "test_app.py.txt",
    "secrets/tenants/acme/ECHO_API_KEY": "key.txt",
    ".gitignore": "gitignore.txt",
}
"""What is written, and the template it is made from; none is an empty file."""


@click.command(name="init")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), default=Path()
)
def command(folder: Path) -> int:
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
        path.write_text((templates / template).read_text() if template else "")
        if name.startswith("secrets/"):
            path.chmod(0o400)
        click.echo(f"wrote {path}")
    click.echo(
        f"\nNext:\n  cd {folder}\n  python -m app.main\n"
        "  secretscope check app.containers:App --config app.json --tenant acme\n"
        "  python -m pytest"
    )
    return 0
