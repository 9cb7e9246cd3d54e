"""The server of the gallery: to this machine alone, what is in the results folder, and nothing else."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import gallery_folders as made
import pytest

from benchtwin.serving import serve
from benchtwin.status import DONE, WRONG_INPUT
from reports.gallery.server import HOST, POLICY, GalleryServer

RUN = "/hip_stem/hip_bending/default-1"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("served")
    (base / "secret.txt").write_text("secret")
    results = made.results(base / "results")
    folder = results / RUN[1:]
    (folder / "secret.html").symlink_to(base / "secret.txt")
    (results / "out").symlink_to(base)
    (results / ".locks").mkdir()
    (results / ".locks" / "key").write_text("secret")
    (folder / "locks").symlink_to(results / ".locks")
    (results / "studies" / "study-grid" / "runs").symlink_to(results / "hip_stem" / "hip_bending")
    os.mkfifo(folder / "pipe.txt")
    (folder / "fields.vtu").write_bytes(bytes(range(256)) * 4096)
    (folder / "a b%20ü.csv").write_text("t_s,q_rel\n")
    return results


@pytest.fixture(scope="module")
def server(results: Path) -> Iterator[GalleryServer]:
    with GalleryServer(results, 0) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def ask(
    server: GalleryServer, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=20)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def raw(server: GalleryServer, request: bytes) -> bytes:
    """What is answered to bytes that no library would send."""
    with socket.create_connection((HOST, server.server_port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_it_listens_to_this_machine_only(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


def test_the_index_is_made_on_each_visit(server, results):
    answer, body = ask(server, "/")
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
    assert answer.getheader("Content-Security-Policy") == POLICY
    assert str(results).encode() in body and b"late-9" not in body
    assert ask(server, "/index.html#q=stem")[1] == body
    tag = answer.getheader("ETag")
    assert ask(server, "/", If_None_Match=tag)[0].status == 304
    folder = made.run(results, "late-9")
    assert b"late-9" in ask(server, "/", If_None_Match=tag)[1]
    assert not (results / "index.html").exists()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


KINDS = {
    "report.html": "text/html; charset=utf-8",
    "run.json": "application/json",
    "von_mises.png": "image/png",
    "fields.vtu": "application/octet-stream",
    "a%20b%2520%C3%BC.csv": "text/csv; charset=utf-8",
}


@pytest.mark.parametrize("name", KINDS)
def test_files_come_whole_with_their_type(server, results, name):
    answer, body = ask(server, f"{RUN}/{name}")
    assert (answer.status, answer.getheader("Content-Type")) == (200, KINDS[name])
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    path = results / RUN[1:] / name.replace("%20", " ").replace("%2520", "%20").replace("%C3%BC", "ü")
    if name.startswith("a"):
        path = results / RUN[1:] / "a b%20ü.csv"
    assert body == path.read_bytes()
    head, nothing = ask(server, f"{RUN}/{name}", "HEAD")
    assert (head.status, nothing, head.getheader("Content-Length")) == (200, b"", str(len(body)))


def test_links_inside_are_followed(server, results):
    answer, body = ask(server, "/studies/study-grid/runs/default-1/run.json")
    assert answer.status == 200 and body == (results / RUN[1:] / "run.json").read_bytes()


def test_what_a_browser_has_is_not_sent_again(server):
    answer, _ = ask(server, f"{RUN}/run.json")
    tag, changed = answer.getheader("ETag"), answer.getheader("Last-Modified")
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": changed},
    ):
        again, body = ask(server, f"{RUN}/run.json", **headers)
        assert (again.status, body) == (304, b""), headers
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": changed},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert ask(server, f"{RUN}/run.json", **headers)[0].status == 200, headers


TARGETS = [
    b"/../secret.txt",
    b"/hip_stem/../../secret.txt",
    b"/%2e%2e/secret.txt",
    b"/%2E%2e%2fsecret.txt",
    b"/..%2fsecret.txt",
    b"/.%2e/secret.txt",
    b"/%252e%252e/secret.txt",
    b"/..%5csecret.txt",
    b"//secret.txt",
    b"//etc/passwd",
    b"/%2fetc/passwd",
    b"/%2Fetc%2Fpasswd",
    b"/hip_stem//hip_bending/default-1/run.json",
    b"/%00",
    b"/index.html%00.png",
    RUN.encode() + b"/run.json%00.html",
    b"/%ff%fe",
    b"/.locks/key",
    b"/%2elocks/key",
    b"/./index.html",
    RUN.encode() + b"/locks/key",
    RUN.encode() + b"/secret.html",
    RUN.encode() + b"/pipe.txt",
    b"/out/secret.txt",
    b"/out/",
    b"/hip_stem",
    b"/hip_stem/",
    RUN.encode(),
    RUN.encode() + b"/",
    RUN.encode() + b"/run.json/",
    RUN.encode() + b"/nothing.html",
    b"/" + b"a" * 5000,
]


@pytest.mark.parametrize("target", TARGETS, ids=range(len(TARGETS)))
def test_nothing_else_is_given_away(server, target):
    for method in (b"GET", b"HEAD"):
        answer = raw(server, method + b" " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 404 "), answer[:80]
        assert b"secret" not in answer.replace(b"secret.", b"") and b"root:" not in answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET http://127.0.0.1/../secret.txt HTTP/1.1", b"400"),
        (b"GET http://elsewhere.example/ HTTP/1.1", b"400"),
        (b"GET ../secret.txt HTTP/1.1", b"400"),
        (b"GET * HTTP/1.1", b"400"),
        (b"POST / HTTP/1.1", b"501"),
        (b"DELETE / HTTP/1.1", b"501"),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1", b"501"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", b"414"),
        (b"GET / secret HTTP/1.1", b"400"),
        (b"nonsense", b"400"),
    ],
)
def test_other_requests_are_refused(server, request_line, status):
    answer = raw(server, request_line + b"\r\nHost: 127.0.0.1\r\n\r\n")
    assert status in answer[:200].split(b"\r\n")[0] or status in answer[:400], answer[:80]
    assert b"Bench tests" not in answer


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST", 200),
        ("attacker.example", 421),
        ("attacker.example:{port}", 421),
        ("127.0.0.1.attacker.example", 421),
        ("", 421),
    ],
)
def test_names_from_elsewhere_read_nothing(server, host, status):
    """A page on the internet can have its own name lead to 127.0.0.1."""
    assert ask(server, "/", Host=host.format(port=server.server_port))[0].status == status


def test_a_connection_that_says_nothing_blocks_nobody(server):
    with socket.create_connection((HOST, server.server_port)):
        assert ask(server, "/")[0].status == 200


def test_a_port_in_use_is_told(server, results, capsys):
    assert serve(results, server.server_port, False) == WRONG_INPUT
    assert f"port {server.server_port} is used by another program" in capsys.readouterr().err
    assert serve(results, 70_000, False) == WRONG_INPUT
    assert serve(results / "nowhere", 0, False) == WRONG_INPUT


def test_the_command_tells_its_address_and_ends_by_ctrl_c(results):
    command = [sys.executable, "-m", "benchtwin", "serve", "--results", results, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        port = int(address.removeprefix("http://127.0.0.1:").removesuffix("/"))
        with socket.create_connection((HOST, port), timeout=20) as connection:  # and stays connected
            connection.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == DONE
        assert process.stdout.read() == ""
        assert "Traceback" not in process.stderr.read()
