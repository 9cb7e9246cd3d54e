"""A study that can be run: its file understood, its variants known, round by round."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import materials
from devices.parameters import InputError
from geometry.units import to_house
from protocols.solid_test import SolidTest
from studies.budget import DEFAULT_MB
from studies.findings.propose import propose
from studies.findings.study_record import Constraint, Input, Objective, Output, Setting, Variant
from studies.job import Job
from studies.plan.bench import FILE, Bench, located
from studies.plan.designs import DESIGNS, Point, within_a_size
from studies.plan.inputs import Varied, varied
from studies.plan.rows import Row, read_table, rows_of
from studies.plan.study_file import Range, StudyError, StudyFile, parse, wrong

CARDS = Path(materials.__file__).parent
MANY = 1_000  # variants that nobody types by mistake
MOST = 100_000

# Tables of the file that only some kinds of study read.
_READ_BY: dict[str, tuple[str, ...]] = {
    "vary": (
        "grid",
        "latin_hypercube",
        "sobol_sequence",
        "one_at_a_time",
        "sobol_indices",
        "uncertainty",
        "optimisation",
    ),
    "scatter": ("size_family",),
    "table": ("list", "size_family"),
    "variant": ("list", "size_family"),
    "criterion": ("size_family",),
    "objective": ("optimisation",),
    "constraint": ("optimisation",),
    "published": ("one_at_a_time",),
}
_SAMPLED: tuple[str, ...] = ("latin_hypercube", "sobol_sequence", "uncertainty", "optimisation")
_KEYS_READ_BY: dict[str, tuple[str, ...]] = {
    "runs": (*_SAMPLED, "sobol_indices"),
    "samples": ("sobol_indices",),
    "surrogate": ("sobol_indices",),
    "batch": ("optimisation",),
}


@dataclass(frozen=True)
class Plan:
    """What a study file asks for.

    Attributes
    ----------
    path : Path
        The study file; other files stand relative to it.
    text : str
        Its content.
    file : StudyFile
    bench : Bench
    inputs : list of Varied
    rows : list of Row
        Variants given one by one.
    """

    path: Path
    text: str
    file: StudyFile
    bench: Bench
    inputs: Sequence[Varied]
    rows: Sequence[Row]

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read a study file and all it names.

        Raises
        ------
        StudyError
            With the line, where one is to blame.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                f"the study file {path} cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from error
        file = parse(text, path)
        return _Reader(path, text, file).plan()

    @cached_property
    def key(self) -> str:
        """Name of the study, and the head of a hash of all that determines its runs and their order."""
        content = self.file.model_dump(exclude={"study": {"title", "question", "minutes", "memory_GB", "reports"}})
        rows = [[row.label, row.values] for row in self.rows]
        job = self.example()
        whole = [content, rows, _common(job), self._cards()]
        # Not sorted: samples depend on the order of the inputs.
        digest = hashlib.sha256(json.dumps(whole, default=str).encode()).hexdigest()
        return f"{self.file.study.name}-{digest[:12]}"

    def job(self, point: Point, memory: float) -> Job:
        """The job of a variant, with so much memory, MB; InputError if it cannot be."""
        return self.bench.job(point.settings, memory)

    @cached_property
    def leader(self) -> Job | None:
        """The run from which all others get the grading of their first mesh; None if each finds its own."""
        return self.example().leading() if self.file.study.start == "first" else None

    def example(self) -> Job:
        """A job of a variant that can be; InputError if none of the first ones can."""
        trouble: InputError | None = None
        for point in itertools.islice(self._first(), 100):
            try:
                return self.job(point, DEFAULT_MB)
            except InputError as error:
                trouble = trouble or error
        raise trouble or InputError("there are no variants")

    def count(self) -> int:
        """Variants of the first round; of all rounds, for an optimisation."""
        study = self.file.study
        if study.kind == "grid":
            return math.prod(len(i.grid()) for i in self.inputs)
        if study.samples:
            return study.samples * (len(self.inputs) + 2)
        return study.runs or sum(1 for _ in self._first())

    def round(self, number: int, variants: Sequence[Variant], outputs: Sequence[Output]) -> list[Point]:
        """Variants of a round, from 1, given all that ran before; none when the study is finished.

        Raises
        ------
        StudyError
            If the file speaks of a quantity that the runs do not have.
        """
        if self.file.study.kind == "optimisation":
            return self._proposed(number, variants, outputs)
        if number > 1:
            self.check_quantities(outputs)
            return []
        return list(itertools.islice(self._first(), MOST))

    def check_quantities(self, outputs: Sequence[Output]) -> None:
        """Raise StudyError if the file speaks of a quantity that the runs do not have."""
        if not outputs:  # no run has ended well
            return
        known = [o.name for o in outputs]
        file = self.file
        named: list[tuple[tuple[str | int, ...], str]] = [(("study", "quantities"), q) for q in file.study.quantities]
        for table in ("criterion", "objective", "constraint", "published"):
            named += [((table, k, "quantity"), entry.quantity) for k, entry in enumerate(getattr(file, table))]
        for place, quantity in named:
            if quantity not in known:
                raise wrong(
                    self.path, self.text, place, f"there is no quantity '{quantity}'; known are {', '.join(known)}"
                )

    def objectives(self, outputs: Sequence[Output]) -> list[Objective]:
        units = {o.name: o.unit for o in outputs}
        return [
            Objective(quantity=o.quantity, unit=units.get(o.quantity, ""), sense=o.sense) for o in self.file.objective
        ]

    def constraints(self, outputs: Sequence[Output]) -> list[Constraint]:
        """In the units of the quantities; none before a run has told them.

        Raises
        ------
        StudyError
            If a limit has another unit.
        """
        units = {o.name: o.unit for o in outputs}
        found = []
        for k, c in enumerate(self.file.constraint if outputs else ()):
            unit = units.get(c.quantity, "")
            kind: Any = "maximum" if c.maximum is not None else "minimum"
            try:
                limit = to_house(getattr(c, kind), unit)
            except ValueError as error:
                raise wrong(
                    self.path, self.text, ("constraint", k, kind), f"{kind} of {c.quantity}: {error}"
                ) from error
            found.append(Constraint(quantity=c.quantity, unit=unit, kind=kind, limit=limit))
        return found

    @cached_property
    def records(self) -> list[Input]:
        """The inputs, as the study record has them."""
        if self.rows:
            return [*_columns(self.bench, self.rows), *(i.record for i in self.inputs)]
        return [i.record for i in self.inputs]

    def _first(self) -> Iterator[Point]:
        study = self.file.study
        if study.kind == "optimisation":
            yield from self._proposed(1, (), ())
        elif study.kind in ("list", "size_family"):
            for row in self.rows:
                given = {name: self.bench.knob(name).read(value) for name, value in row.values.items()}
                size = Point(row.label, given)
                if study.kind == "size_family":
                    yield from within_a_size(size, self.inputs)
                else:
                    yield size
        else:
            nominal = {i.name: self._nominal(i) for i in self.inputs}
            yield from DESIGNS[study.kind](study, self.inputs, nominal)

    def _nominal(self, i: Varied) -> Setting:
        """Where an input stands while others vary: the mean of its distribution, else the value without the study."""
        return i.knob.read(i.record.mean) if i.record.mean is not None else self.bench.nominal(i.name)

    def _proposed(self, number: int, variants: Sequence[Variant], outputs: Sequence[Output]) -> list[Point]:
        study = self.file.study
        self.check_quantities(outputs)
        left = (study.runs or 0) - len(variants)
        size = max(study.batch, first_round(len(self.inputs), study.runs or 0)) if number == 1 else study.batch
        if left <= 0:
            return []
        proposed = propose(
            list(variants),
            [i.record for i in self.inputs],
            self.objectives(outputs),
            self.constraints(outputs),
            min(size, left),
            study.seed + number,
        )
        points = []
        for k, point in enumerate(proposed, len(variants) + 1):
            settings = {i.name: i.knob.read(_within(i.record, point[i.name])) for i in self.inputs}
            points.append(Point(str(k), settings, f"round {number}"))
        return points

    def _cards(self) -> list[str]:
        """Files of material cards that the variants may name, the built-in ones among them."""
        words = [*self.file.fixed.values(), *(level for i in self.records for level in i.levels)]
        named = {found["path"] for word in words if (found := FILE.match(located(str(word), self.path.parent)))}
        files = [*sorted(CARDS.glob("*.toml")), *(Path(name) for name in sorted(named) if Path(name).is_file())]
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def first_round(inputs: int, runs: int) -> int:
    """Variants that cover the space before an optimisation proposes any, of d inputs and so many runs in all.

    10 d, as for a Gaussian process that is to predict everywhere (Loeppky, Sacks and Welch, Technometrics 51, 2009,
    366), but no more than a quarter of all runs, since an optimisation goes on to choose its own (so does SMAC3 by
    default: Lindauer et al., J. Mach. Learn. Res. 23, 2022, 54), and never less than 2 (d + 1), twice what a plane
    takes. On Branin's function (28 to 30 runs) and that of Hartmann with three inputs (33 to 36) the gap left after a
    first round of 6 to 12 was, in the median of six seeds, a quarter and less of that after one of 20 and 30.
    """
    return max(2 * (inputs + 1), min(10 * inputs, runs // 4))


def _within(record: Input, value: float) -> float:
    """A proposed value, but for what rounding has put beyond the ends of its range."""
    if record.low is None or record.high is None:
        return value
    return min(max(value, record.low), record.high)


@dataclass(frozen=True)
class _Reader:
    """From the parsed file to a plan; every fault with its line."""

    path: Path
    text: str
    file: StudyFile

    def plan(self) -> Plan:
        file, study = self.file, self.file.study
        for table, kinds in _READ_BY.items():
            if getattr(file, table) and study.kind not in kinds:
                raise self._wrong((table,), f"[{table}] says nothing to a study of kind {study.kind}")
        for key, kinds in _KEYS_READ_BY.items():
            if key in study.model_fields_set and study.kind not in kinds:
                raise self._wrong(("study", key), f"study.{key} says nothing to a study of kind {study.kind}")
        bench = self._guarded(("study", "device"), self._bench)
        for name in file.fixed:
            self._guarded(("fixed", name), lambda name=name: self._check_fixed(bench, name))
        source = "scatter" if study.kind == "size_family" else "vary"
        given: dict[str, Any] = getattr(file, source)
        for name in given:
            if name in file.fixed:
                raise self._wrong((source, name), f"{name} is fixed and varied")
        inputs = [self._guarded((source, name), lambda n=name: varied(bench, n, given[n])) for name in given]
        rows = self._rows(bench, inputs)
        self._need(inputs, rows)
        plan = Plan(self.path, self.text, file, bench, inputs, rows)
        if study.start == "first" and not issubclass(bench.protocol.cls, SolidTest):
            raise self._wrong(
                ("study", "start"),
                f"{bench.protocol.name} is no test of a solid: each variant makes its own meshes",
            )
        self._guarded(("study", "kind"), plan.example)
        return plan

    def _bench(self) -> Bench:
        study = self.file.study
        return Bench.of(
            self._file_or_name(study.device),
            self._file_or_name(study.protocol) if study.protocol else None,
            {name: located(v, self.path.parent) if isinstance(v, str) else v for name, v in self.file.fixed.items()},
            study.accuracy,
            study.minutes,
            self.path.parent,
        )

    def _file_or_name(self, word: str) -> str:
        return str((self.path.parent / word).resolve()) if word.endswith(".py") else word

    def _check_fixed(self, bench: Bench, name: str) -> None:
        if "." in name:
            raise InputError(
                f'fix the card itself, as in {name.partition(".")[0]} = "card?{name.partition(".")[2]}=..."'
            )
        bench.knob(name)
        if not isinstance(self.file.fixed[name], bool):
            bench.nominal(name)

    def _rows(self, bench: Bench, inputs: Sequence[Varied]) -> list[Row]:
        file = self.file
        rows = rows_of(list(file.variant))
        for k, row in enumerate(rows):
            for name, value in row.values.items():
                self._guarded(("variant", k, name), lambda n=name, v=value: bench.knob(n).read(v))
        if file.table:
            found = self._guarded(("table",), lambda: read_table(self.path.parent / str(file.table)))
            for row in found:
                for name, value in row.values.items():
                    try:
                        bench.knob(name).read(value)
                    except InputError as error:
                        raise StudyError(f"{row.place}: {error}") from error
            rows += found
        for row in rows:
            if twice := set(row.values) & set(file.fixed):
                raise self._wrong(("fixed", min(twice)), f"{min(twice)} is fixed and varied")
            if twice := set(row.values) & {i.name for i in inputs}:
                raise self._wrong(("scatter", min(twice)), f"{min(twice)} scatters and is given by {row.place}")
        if len({row.label for row in rows}) < len(rows):
            raise StudyError(f"{self.path}: two variants have the same label")
        return rows

    def _need(self, inputs: Sequence[Varied], rows: Sequence[Row]) -> None:
        study = self.file.study
        if study.kind in ("list", "size_family"):
            if not rows:
                raise self._wrong(
                    ("study", "kind"), f"a study of kind {study.kind} needs variants: table, or [[variant]]"
                )
        elif not inputs:
            raise self._wrong(("study", "kind"), f"a study of kind {study.kind} needs inputs in [vary]")
        for i in inputs:
            self._check_input(i)
        if study.kind == "size_family" and not self.file.criterion:
            raise self._wrong(("study", "kind"), "a size family needs a [[criterion]]: quantity and worst")
        for k, entry in enumerate(self.file.published):
            if unknown := [name for name in entry.inputs if name not in self.file.vary]:
                raise self._wrong(("published", k, "inputs"), f"{unknown[0]} is no input of this study")
        if study.kind == "optimisation" and not self.file.objective:
            raise self._wrong(("study", "kind"), "an optimisation needs an [[objective]]: quantity and sense")
        runs = study.kind in _SAMPLED or study.surrogate
        if runs and study.runs is None:
            raise self._wrong(
                ("study", "kind"), f"study.runs is missing: how many runs a study of kind {study.kind} may take"
            )
        if study.kind == "uncertainty" and (plain := [i.name for i in inputs if not i.record.distribution]):
            raise self._wrong(
                ("vary", plain[0]), f"{plain[0]} has no distribution: mean and deviation, or one of low and high"
            )

    def _check_input(self, i: Varied) -> None:
        """Raise StudyError if an input varies in a way that this kind of study cannot use."""
        kind, name, record = self.file.study.kind, i.name, i.record
        if kind == "size_family":
            if record.mean is None or not record.distribution.startswith("normal") or "cut off" in record.distribution:
                raise self._wrong(
                    ("scatter", name), f"{name} must scatter normally, within the bounds of the parameter"
                )
            return
        if i.knob.word and (kind == "optimisation" or (kind == "sobol_indices")):
            raise self._wrong(("vary", name), f"{name} is a word: a study of kind {kind} varies numbers only")
        how = self.file.vary[name]
        stepped = isinstance(how, Range) and how.steps is not None
        if stepped and kind != "grid" and not i.knob.whole:
            raise self._wrong(("vary", name, "steps"), f"steps of {name} say nothing to a study of kind {kind}")
        if kind == "grid":
            self._guarded(("vary", name), i.grid)
        if kind == "one_at_a_time" and not record.levels:
            self._guarded(("vary", name), lambda: self._check_nominal(i))

    def _check_nominal(self, i: Varied) -> None:
        bench = self._bench()
        nominal, low, high = bench.nominal(i.name), i.record.low, i.record.high
        if i.record.mean is None and low is not None and high is not None and not low <= float(nominal) <= high:
            raise InputError(
                f"{i.name} = {float(nominal):g} {i.knob.unit}".rstrip()
                + f" where the others vary: outside {low:g} to {high:g}; set it under [fixed]"
            )

    def _guarded(self, place: tuple[str | int, ...], made: Any) -> Any:
        try:
            return made()
        except StudyError:
            raise
        except InputError as error:
            raise self._wrong(place, str(error)) from error

    def _wrong(self, place: tuple[str | int, ...], message: str) -> StudyError:
        return wrong(self.path, self.text, place, message)


def _columns(bench: Bench, rows: Sequence[Row]) -> list[Input]:
    """Inputs of variants given one by one: all values that occur."""
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    found = []
    for name in names:
        knob = bench.knob(name)
        levels = list(dict.fromkeys(knob.read(row.values[name]) for row in rows if name in row.values))
        found.append(Input(name=name, unit=knob.unit, description=knob.description, levels=levels))
    return found


def _common(job: Job) -> list[Any]:
    """What all variants share besides their settings: the code, in particular."""
    return [job.device.name, job.protocol.name, job.accuracy, job.common()]
