"""The server's door: HTTP/1.1 on loopback, a thread a connection."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.backends.vault.double.answers import Answer
from tests.backends.vault.double.core import Core, Seen


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Listener"

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.open.add(self.request)

    def finish(self) -> None:
        self.server.open.discard(self.request)
        with suppress(OSError, ValueError):
            super().finish()

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            super().handle()

    def _answer(self) -> None:
        core = self.server.core
        seen = self._seen()
        fault = core.fault_for(seen)
        if self.server.pause:
            time.sleep(self.server.pause)
        if fault is None:
            self._send(core.handle(seen))
            return
        if fault.late and self.server.closing.wait(fault.late):
            return
        if not (fault.hang or fault.reset or fault.status):
            answer = core.handle(seen)
            self._write(answer.status, answer.encoded(), fault.headers, cut=fault.cut)
            return
        core.seen.append(seen)
        if fault.status:
            self._write(fault.status, fault.body, fault.headers, cut=fault.cut)
            return
        if fault.hang:
            self.server.closing.wait()
        linger = struct.pack("ii", 1, 0)  # a reset, not an orderly end
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.request.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = _answer  # noqa: N815 - theirs

    def _seen(self) -> Seen:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        shown = None
        if isinstance(self.request, ssl.SSLSocket):
            shown = self.request.getpeercert(binary_form=True)
        return Seen(
            method=self.command,
            path=parts.path.removeprefix("/v1/"),
            query=dict(parse_qsl(parts.query)),
            token=self.headers.get("x-vault-token", ""),
            namespace=self.headers.get("x-vault-namespace", ""),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=json.loads(raw) if raw else {},
            size=length + len(self.requestline) + len(str(self.headers)),
            client_certificate=shown,
        )

    def _send(self, answer: Answer) -> None:
        self._write(answer.status, answer.encoded(), answer.headers)

    def _write(
        self, status: int, payload: bytes, headers: dict[str, str], cut: int = 0
    ) -> None:
        lines = {"content-type": "application/json", **headers}
        if status != 204:
            lines["content-length"] = str(len(payload))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        whole = f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + payload
        if cut:
            whole, self.close_connection = whole[:-cut], True
        self.server.sent += len(whole)
        self.wfile.write(whole)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, core: Core, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.core = core
        self.tls = tls
        self.closing = threading.Event()
        self.open: set[Any] = set()
        self.sent = 0
        self.pause = 0.0

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)
        if self.tls is not None:
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error."""


class Double:
    """A running server: its address, its root token, and its inside."""

    def __init__(self, core: Core, listener: Listener) -> None:
        scheme = "http" if listener.tls is None else "https"
        self.core = core
        self.listener = listener
        self.address = f"{scheme}://127.0.0.1:{listener.server_address[1]}"
        self.token = core.root

    @property
    def seen(self) -> list[Seen]:
        return self.core.seen

    def paths(self) -> list[str]:
        """Method and path of every request so far."""
        return [f"{seen.method} {seen.path}" for seen in self.core.seen]


@contextmanager
def serving(
    core: Core | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Double]:
    core = core or Core()
    with Listener(core, tls) as listener:
        thread = threading.Thread(
            target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield Double(core, listener)
        finally:
            listener.closing.set()
            listener.shutdown()
            thread.join()
            for connection in tuple(listener.open):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
