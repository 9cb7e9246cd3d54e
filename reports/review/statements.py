"""What only a person can say of a run: `statements.toml` in its folder.

It is no part of the run: neither its key nor its record know of it. What is not said there stands in the report as a
gap.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from studies.record import STATEMENTS

FILE = STATEMENTS


class StatementsError(ValueError):
    """A statements file that cannot be used; the message says where."""


class Statements(BaseModel):
    """The statements, each empty until it is made.

    Paragraphs are parted by an empty line. Text is text: no markup is read in it.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    question_of_interest: str = Field(default="", description="question of interest")
    context_of_use: str = Field(default="", description="context of use")
    model_influence: str = Field(default="", description="influence of the model on the decision")
    decision_consequence: str = Field(default="", description="consequence of a wrong decision")
    background: str = Field(default="", description="background")
    discussion: str = Field(default="", description="discussion")
    conclusions: str = Field(default="", description="conclusions for the context of use")

    keywords: list[str] = []
    validation: str = ""
    references: list[str] = []
    document: str = ""
    revision: str = ""
    author: str = ""
    reviewer: str = ""
    approver: str = ""
    approved_on: str = ""

    @field_validator("document", "revision", mode="before")
    @classmethod
    def _whole_number(cls, value: Any) -> Any:
        """A whole number may stand without quotes; another would lose its zeros: 1.10 is not 1.1."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("approved_on", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        """A date of TOML needs no quotes."""
        return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value

    @property
    def missing(self) -> list[str]:
        """What the person responsible has not said yet, in words."""
        return [words for name, words in asked().items() if not getattr(self, name)]

    @classmethod
    def read(cls, folder: Path) -> Statements:
        """The statements beside a run; none, if there is no file.

        Raises
        ------
        StatementsError
            If the file cannot be used, with its line.
        """
        path = folder / FILE
        if not path.exists():
            return cls()
        try:
            text = path.read_text(encoding="utf-8")
            return cls.model_validate(tomllib.loads(text))
        except (OSError, UnicodeDecodeError) as error:
            raise StatementsError(f"{path}: it cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise StatementsError(f"{path}: {error}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise StatementsError(f"{path}{_line(text, first['loc'])}: {_explained(first)}") from error


def asked() -> dict[str, str]:
    """The statements that every report needs, by key, in words."""
    return {name: field.description for name, field in Statements.model_fields.items() if field.description}


def write_template(folder: Path) -> bool:
    """Write an empty `statements.toml` if there is none; whether it was written."""
    path = folder / FILE
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        return False
    return True


def _line(text: str, place: tuple[int | str, ...]) -> str:
    """Where a key stands: ", line 3"; lines inside of a text of several lines hold no keys."""
    key, inside = re.compile(rf"\s*[\"']?{re.escape(str(place[0]))}[\"']?\s*="), ""
    for number, line in enumerate(text.splitlines(), 1):
        if not inside and (key.match(line) or line.strip() == f"[{place[0]}]"):
            return f", line {number}"
        for quotes in re.findall(r'"""|\'\'\'', line.partition("#")[0] if not inside else line):
            inside = "" if inside == quotes else inside or quotes
    return ""


def _explained(error: Any) -> str:
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return f"there is no statement '{name}'; known are {', '.join(Statements.model_fields)}"
    wanted = "a list of texts in quotes" if name in ("keywords", "references") else "a text in quotes"
    return f"{name} must be {wanted}"


TEMPLATE = '''\
# What only a person can say of this run. The report shows what is empty as a gap. After a change:
#     benchtwin report THIS_FOLDER
# Text of several paragraphs: between """ and """, with an empty line between two paragraphs.

# Which question is this run to help answer, and which decision hangs on it?
question_of_interest = ""

# What exactly is the model used for there, and what else speaks to the question (bench tests, experience)?
context_of_use = ""

# How much does the model weigh against that other evidence?
model_influence = ""

# What happens to a patient, a user, the project if the decision is wrong?
decision_consequence = ""

# The device, its use, what is known of it and of its predecessors.
background = ""

# What the results mean for the question; sensitivity to what is uncertain; why the evidence is enough or not.
discussion = ""

# What is concluded, within the context of use.
conclusions = ""

# Comparison with measurements beyond what the program knows: which, by what method, how well they agree.
validation = ""

# More words to find the report by, and more references: ["...", "..."].
keywords = []
references = []

# Design and development file: number of the document, revision, names, and the day of approval (2026-01-31).
document = ""
revision = ""
author = ""
reviewer = ""
approver = ""
approved_on = ""
'''
