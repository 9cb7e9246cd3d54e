"""What a comparison is to hold: `request.json` in its folder, from which its page can be drawn at any time."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FILE = "request.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Compared(_Part):
    """A run.

    Attributes
    ----------
    folder : str
        Relative to that of the comparison.
    label, why : str
        What its study calls it, and why it was picked; empty without a study.
    """

    folder: str
    label: str = ""
    why: str = ""


class OfStudy(_Part):
    """The study that the runs are picked from.

    Attributes
    ----------
    folder : str
        Relative to that of the comparison.
    by_findings : bool
        Whether the findings of the study named the runs, and not a person.
    left_out : int
        How many more the findings named.
    """

    key: str
    title: str
    folder: str
    by_findings: bool
    left_out: int = 0


class Request(_Part):
    """Runs to be compared, the first with all others."""

    runs: list[Compared]
    study: OfStudy | None = None

    @classmethod
    def read(cls, folder: Path) -> Request:
        """Read the request of a folder.

        Raises
        ------
        OSError, pydantic.ValidationError
            If there is none that can be read.
        """
        return cls.model_validate_json((folder / FILE).read_text(encoding="utf-8"))

    def write(self, folder: Path) -> None:
        part = folder / f".{FILE}.part"
        part.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(folder / FILE)

    def folders(self, folder: Path) -> list[Path]:
        """The run folders of a request that stands in ``folder``."""
        return [folder / run.folder for run in self.runs]


def relative(path: Path, folder: Path) -> str:
    """Address of a path from a folder, both of which may move together."""
    return path.resolve().relative_to(folder.resolve(), walk_up=True).as_posix()


def comparisons_of(key: str, comparisons: Path) -> list[tuple[Path, Request]]:
    """Finished comparisons of variants of a study, by the key of the study; the folder may be missing."""
    found = []
    for path in sorted(comparisons.glob(f"*/{FILE}")):
        try:
            request = Request.read(path.parent)
        except (OSError, ValidationError):
            continue
        if request.study is not None and request.study.key == key and (path.parent / "report.html").is_file():
            found.append((path.parent, request))
    return found
