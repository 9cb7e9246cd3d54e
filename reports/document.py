"""What all pages share: the templates' filters, pictures inside a page, a file that is never half there."""

from __future__ import annotations

import base64
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from reports import numbers


def template(name: str) -> Template:
    """A template, with the filters that write numbers and words."""
    return _environment().get_template(name)


_OPTIONS: Any = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reports"), undefined=StrictUndefined, bytecode_cache=_compiled(), **_OPTIONS
    )
    made.filters |= {
        "words": numbers.words,
        "unit": numbers.pretty_unit,
        "plain": numbers.plain,
        "brief": numbers.brief,
        "seconds": numbers.seconds,
        "sentence": numbers.sentence,
        "grouped": numbers.grouped,
        "css": quoted,
    }
    return made


class _Compiled(FileSystemBytecodeCache):
    """Templates as they were compiled, kept where they can be."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # the folder is full, or gone
            super().dump_bytecode(bucket)


def _compiled() -> FileSystemBytecodeCache | None:
    """A folder of this user's own, if there can be one; what is compiled in another way has another name."""
    with suppress(RuntimeError, OSError):
        return _Compiled(pattern=f"benchtwin_{crc32(repr(_OPTIONS).encode()):08x}_%s.cache")
    return None


def quoted(text: str) -> Markup:
    """Text as a string of CSS, whatever is in it."""
    return Markup(
        '"' + "".join(c if (c.isascii() and c.isalnum()) or c in " _-" else f"\\{ord(c):06x}" for c in text) + '"'
    )


def data(kind: str, content: bytes) -> str:
    """Content of a media type as an address that needs no file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def put(folder: Path, text: str) -> Path:
    """Write `report.html` into a folder, whole or not at all."""
    path = folder / "report.html"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)  # a reader never sees half a report, whoever else writes one
    return path
