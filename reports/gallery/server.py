"""Serves a results folder to this machine alone: the gallery made afresh on each visit, and what it leads to.

It only reads. Nothing whose name begins with a dot is given away, nothing outside the folder, and no list of a folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from reports.gallery.page import render
from reports.gallery.shelf import entries
from studies.layout import INDEX

HOST = "127.0.0.1"
IDLE = 30.0  # s, after which a connection that says nothing is closed

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".toml": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8",
    ".inp": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".step": "model/step",
    ".stl": "model/stl",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OTHER = "application/octet-stream"
# Pages carry their own scripts and pictures; none may fetch anything from elsewhere.
POLICY = "default-src 'self' 'unsafe-inline' data: blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"


class PortInUse(OSError):
    """Another program listens at the port."""


class GalleryServer(ThreadingHTTPServer):
    """Serves one results folder on the loopback address.

    Parameters
    ----------
    root : Path
    port : int
        0: any free one.

    Raises
    ------
    PortInUse
        If another program has the port.
    OSError
        If the port may not be used.
    """

    daemon_threads = True  # a browser that keeps its connection does not keep the program

    def __init__(self, root: Path, port: int) -> None:
        self.root = root.resolve()
        try:
            super().__init__((HOST, port), _Visit)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(error.errno, f"port {port} is used by another program") from error
            raise

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle is no error."""


@dataclass(frozen=True)
class _Answer:
    """What a visitor is given; ``file`` is open at its beginning."""

    kind: str
    length: int
    tag: str
    changed: float | None
    body: bytes | None = None
    file: BinaryIO | None = None


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


class _Visit(BaseHTTPRequestHandler):
    server: GalleryServer
    protocol_version = "HTTP/1.1"
    server_version = "benchtwin"
    sys_version = ""
    timeout = IDLE

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: what is asked for is nobody's business."""

    def _serve(self, with_body: bool) -> None:
        try:
            self._check_host()
            answer = self._answer(self.path)
        except _Refused as refused:
            self.close_connection = True  # a request that is refused may have a body, which is not read
            self.send_error(refused.status)
            return
        try:
            self._send(answer, with_body)
        finally:
            if answer.file:
                answer.file.close()

    def _check_host(self) -> None:
        """Only names of this machine: a page from elsewhere that has its own name lead here must read nothing."""
        host = self.headers.get("Host", HOST).lower().rpartition(":")
        if (host[0] if host[2].isdigit() else host[2]) not in (HOST, "localhost"):
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST)

    def _answer(self, target: str) -> _Answer:
        parts = _parts(target)
        if parts in ([""], [INDEX]):
            body = render(entries(self.server.root), self.server.root).encode()
            tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            return _Answer(TYPES[".html"], len(body), tag, None, body=body)
        file, status = _open(self.server.root, parts)
        kind = TYPES.get(Path(parts[-1]).suffix.lower(), OTHER)
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        return _Answer(kind, status.st_size, tag, status.st_mtime, file=file)

    def _send(self, answer: _Answer, with_body: bool) -> None:
        if self._known(answer):
            self.send_response(HTTPStatus.NOT_MODIFIED)
        else:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(answer.length))
        self.send_header("ETag", answer.tag)
        if answer.changed is not None:
            self.send_header("Last-Modified", formatdate(answer.changed, usegmt=True))
        self.send_header("Cache-Control", "no-cache")  # kept, but asked for again
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        if with_body and not self._known(answer):
            self._send_body(answer)

    def _send_body(self, answer: _Answer) -> None:
        if answer.body is not None:
            self.wfile.write(answer.body)
        elif answer.file is not None:
            left = answer.length  # a file that is being written may have grown since, or have been cut
            while left and (block := answer.file.read(min(left, 1 << 18))):
                self.wfile.write(block)
                left -= len(block)
            self.close_connection |= left > 0

    def _known(self, answer: _Answer) -> bool:
        """Whether the visitor has it already (RFC 9110, section 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or answer.tag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None or answer.changed is None:
            return False
        try:
            return int(answer.changed) <= parsedate_to_datetime(since).timestamp()
        except (ValueError, TypeError, OverflowError):
            return False


def _parts(target: str) -> list[str]:
    """The names in the path that is asked for; [""] for the folder itself.

    Raises
    ------
    _Refused
        If it is no plain path, or one that leads upward or to something hidden.
    """
    if not target.startswith("/"):
        raise _Refused(HTTPStatus.BAD_REQUEST)
    try:
        path = unquote_to_bytes(target.partition("?")[0].partition("#")[0]).decode()
    except UnicodeDecodeError as error:
        raise _Refused(HTTPStatus.NOT_FOUND) from error
    parts = path[1:].split("/")
    if parts != [""] and any(not part or part.startswith(".") or "\0" in part for part in parts):
        raise _Refused(HTTPStatus.NOT_FOUND)
    return parts


def _open(root: Path, parts: list[str]) -> tuple[BinaryIO, os.stat_result]:
    """Open a plain file of the folder; links are followed as long as they stay inside, in what is not hidden."""
    try:
        path = root.joinpath(*parts).resolve(strict=True)
        inside = path.relative_to(root)
        if any(part.startswith(".") for part in inside.parts):
            raise _Refused(HTTPStatus.NOT_FOUND)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe would never answer
    except (OSError, ValueError, RuntimeError) as error:
        raise _Refused(HTTPStatus.NOT_FOUND) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise _Refused(HTTPStatus.NOT_FOUND)
    return os.fdopen(handle, "rb"), status
