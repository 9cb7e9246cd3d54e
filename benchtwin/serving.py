"""`benchtwin gallery` and `benchtwin serve`; and the gallery as other commands leave it."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

from benchtwin.saying import fail, shown
from benchtwin.status import DONE, ERROR, WRONG_INPUT
from reports.gallery.page import write
from reports.gallery.server import GalleryServer, PortInUse
from studies.launcher import launched
from studies.layout import INDEX_FILES, LOCKS


def write_gallery(results: Path) -> int:
    """Write `index.html` and print its path. Returns the exit status."""
    if not results.is_dir():
        return fail(f"there is no results folder {results}", WRONG_INPUT)
    try:
        print(shown(write(results.resolve())))
    except OSError as error:
        return fail(f"the gallery cannot be written in {results}: {error.strerror or error}", ERROR)
    return DONE


def refreshed(results: Path | None, status: int) -> int:
    """Bring the gallery up to date at the end of a command; returns the command's exit status, whatever happens here.

    Parameters
    ----------
    results : Path or None
        None: what the command was about stands in no results folder.
    """
    if results is None or status == WRONG_INPUT or launched()[0] > 0:
        return status
    try:
        write(results.resolve())
    except Exception as error:  # what the command was asked for is done
        print(f"note: the gallery in {results} is not up to date: {error}", file=sys.stderr)
    return status


def results_of(folder: Path) -> Path | None:
    """The results folder in which a run or a study stands; None if it was copied elsewhere."""
    above = folder.resolve().parents
    depth = 1 if (folder / "study.json").is_file() else 2
    root = above[depth] if len(above) > depth else None
    return root if root and ((root / LOCKS).is_dir() or (root / INDEX_FILES).is_dir()) else None


def serve(results: Path, port: int, open_: bool) -> int:
    """Serve the gallery until it is interrupted; print its address first. Returns the exit status."""
    if not results.is_dir():
        return fail(f"there is no results folder {results}", WRONG_INPUT)
    if not 0 <= port <= 65535:
        return fail(f"port = {port} is out of range: 0 to 65535, 0 for any free one", WRONG_INPUT)
    try:
        server = GalleryServer(results, port)
    except PortInUse as error:
        return fail(f"{error.strerror}: choose another one with --port, or any free one with --port 0", WRONG_INPUT)
    except OSError as error:
        return fail(f"port {port} cannot be used: {error.strerror}", WRONG_INPUT)
    with server:
        print(server.address, flush=True)
        print(f"serving {shown(server.root)} to this machine; Ctrl+C ends it", file=sys.stderr)
        if open_:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ended", file=sys.stderr)
    return DONE
