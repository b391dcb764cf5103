"""Builds the wheel and the sdist, checks both, and installs the wheel as users do.

``python .ci/release.py`` installs it into fresh environments of this Python, bare and with
``all``. ``--full`` takes every extra, at the newest and at the declared minimum
versions, on every Python from 3.11 to 3.13 that is there; what fails is named at the end.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


def build(to: Path) -> Path:
    run(sys.executable, "-m", "build", "--outdir", to, ROOT)
    wheel, sdist = next(to.glob("*.whl")), next(to.glob("*.tar.gz"))
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    run(sys.executable, "-m", "check_wheel_contents", wheel)
    return wheel


def minimums() -> list[str]:
    """Return every declared dependency at the least version it may have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    found = (re.match(r"([\w-]+)(?:\[.*\])?>=([\w.]+)", each) for each in wanted)
    return sorted({f"{each[1]}=={each[2]}" for each in found if each})


def extras() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return list(project["optional-dependencies"])


def install(
    python: str, wheel: Path, extra: str, constraints: Path | None, to: Path
) -> None:
    shutil.rmtree(to, ignore_errors=True)
    run(python, "-m", "venv", to)
    inside = to / "bin" / "python"
    limits = ["-c", constraints] if constraints else []
    wanted = f"secretscope[{extra}] @ {wheel.as_uri()}" if extra else wheel
    run(inside, "-m", "pip", "install", "-q", *limits, wanted)
    run(inside, "-m", "pip", "check")
    run(inside, "-W", "error", ROOT / ".ci" / "smoke.py", *([extra] if extra else []))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        wheel = build(place / "dist")
        low = place / "minimum.txt"
        low.write_text("\n".join(minimums()))
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        pythons = [
            found
            for version in PYTHONS
            if (found := sys.executable if version == here else _python(version))
        ]
        failed: list[str] = []
        for python in pythons if full else [sys.executable]:
            for extra in ("", *extras()) if full else ("", "all"):
                for limits in (None, low) if full else (None,):
                    kind = "at minimum versions" if limits else "newest"
                    what = f"{python}: [{extra}] {kind}"
                    print(f"== {what}", flush=True)
                    try:
                        install(python, wheel, extra, limits, place / "venv")
                    except subprocess.CalledProcessError:
                        failed.append(what)
        if failed:
            sys.exit("\n".join(["failed:", *failed]))


def _python(version: str) -> str | None:
    """Return a Python of that version, if there is one that runs."""
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    works = subprocess.run([found, "-c", ""], check=False, capture_output=True)
    return found if works.returncode == 0 else None


main()
