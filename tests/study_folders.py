"""Made-up study records for the tests of the reports: one of each kind, with all that goes wrong in real ones.

Nothing here is solved: the stress is that of a round bar bent by an oblique force, the displacement follows it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studies.findings.study_record import (
    Bar,
    Constraint,
    Distribution,
    EffectPoint,
    Execution,
    Finding,
    IndexRow,
    Indices,
    Input,
    Kind,
    MainEffect,
    Objective,
    Optimum,
    Output,
    Published,
    Ranking,
    RankRow,
    Setting,
    Status,
    StudyRecord,
    Surface,
    SurrogateFinding,
    Tornado,
    Value,
    Variant,
)
from studies.findings.worst_case import statement

STRESS = "peak_von_mises_stress"
MOVE = "head_displacement"
MASS = "mass"
LIMIT = 600.0
ATTACK = "<script>alert(1)</script>\"'<img src=x> $\\frac{"
NOMINAL = {"neck_diameter": 12.4, "offset": 40.0, "adduction": 10.0, "load": 2300.0}
OUTPUTS = [
    Output(
        name=STRESS,
        unit="MPa",
        description="Largest von Mises stress outside the clamp zone",
        limit=LIMIT,
        limit_kind="maximum",
    ),
    Output(name=MOVE, unit="mm", description="Displacement of the head centre along the load"),
    Output(name=MASS, unit="g", description="Mass of the stem"),
    Output(name="peak_first_principal_stress", unit="MPa", description="Largest first principal stress"),
    Output(name="stiffness", unit="N/mm", description="Load over displacement of the head"),
]
INPUTS = {
    "neck_diameter": Input(
        name="neck_diameter",
        unit="mm",
        description="Diameter of the neck",
        low=11,
        high=14,
        source="drawing, tolerance",
    ),
    "offset": Input(name="offset", unit="mm", description="Head centre from the shaft axis", low=34, high=48),
    "adduction": Input(
        name="adduction",
        unit="degree",
        description="Shaft against the load, in the frontal plane",
        low=8.5,
        high=11.5,
        mean=10,
        deviation=0.5,
        distribution="normal, mean 10 deg, sd 0.5 deg",
        source="assumed: tolerance of the standard taken as two standard deviations",
    ),
    "load": Input(
        name="load", unit="N", description="Peak load", low=2250, high=2350, source="calibration of the frame"
    ),
}


def computed(settings: dict[str, Setting]) -> dict[str, float]:
    """What a run at these settings would give, without its error."""
    neck, offset, adduction, load = (float(settings.get(k, v)) for k, v in NOMINAL.items())
    arm = offset * math.cos(math.radians(adduction)) + 8 * math.sin(math.radians(adduction + 9))
    stress = 32 * load * arm / (math.pi * neck**3) + load / (math.pi * neck**2 / 4)
    move = 0.96 * (load / 2300) * (arm / 40) ** 3 * (12.4 / neck) ** 4
    return {
        STRESS: stress,
        MOVE: move,
        MASS: 92 + 4.1 * (neck - 12.4) * 2.2 + 0.55 * (offset - 40),
        "peak_first_principal_stress": 0.97 * stress,
        "stiffness": load / move,
    }


def variant(
    number: int,
    settings: dict[str, Setting],
    label: str = "",
    status: Status = "done",
    role: str = "",
    message: str = "",
) -> Variant:
    """A variant with values and their error bars, if its status has them."""
    ended = status in ("done", "not_converged")
    random = np.random.default_rng(number)
    values: dict[str, Value] = {}
    verdict = None
    if ended:
        for name, exact in computed(settings).items():
            share = (0.05 if status == "not_converged" else 0.012) * random.uniform(0.6, 1.3)
            values[name] = Value(
                value=exact * (1 + 0.4 * share * random.normal()),
                uncertainty=exact * share,
                status="not_converged" if status == "not_converged" and name == STRESS else "converged",
            )
        peak = values[STRESS]
        assert peak.uncertainty is not None
        apart = abs(peak.value - LIMIT) > peak.uncertainty
        verdict = ("pass" if peak.value < LIMIT else "fail") if apart else "undecided"
    return Variant(
        number=number,
        label=label or str(number),
        settings=settings,
        role=role,
        status=status,
        message=message,
        attempts={"waiting": 0, "failed": 2}.get(status, 1),
        key=f"hip_stem-{number:08x}" if ended else "",
        folder=f"runs/{number:04d} hip_stem-{number:08x}" if ended else None,
        verdict=verdict,
        seconds=random.uniform(40, 90) if ended else None,
        dofs=int(random.uniform(2e5, 4e5)) if ended else None,
        memory_MB=1400.0 if ended else None,
        values=values,
    )


def singular(row: Variant) -> Variant:
    """The variant with a stress that grows without bound."""
    values = row.values | {STRESS: Value(value=row.values[STRESS].value, uncertainty=None, status="singular")}
    return row.model_copy(update={"values": values, "verdict": "undecided", "status": "not_converged"})


def record(kind: Kind, variants: list[Variant], findings: list[Finding], **more: object) -> StudyRecord:
    """A study record around its variants and findings."""
    finished = [row for row in variants if row.seconds]
    names = {name for row in variants for name in row.settings}
    values: dict[str, object] = {
        "key": f"study-{kind}",
        "name": kind,
        "title": "Femoral stem in bending",
        "kind": kind,
        "device": "hip_stem",
        "device_description": "Cementless femoral stem with a conical trunnion",
        "protocol": "hip_iso7206_4",
        "protocol_description": "Endurance loading of a potted femoral stem, quasi-static at the peak load",
        "style_of": "ISO 7206-4:2010 and ASTM F2996-20",
        "accuracy": 0.02,
        "fixed": {"neck_angle": "45 deg", "material": "Ti-6Al-4V ELI, wrought bar (ASTM F136)"},
        "inputs": [INPUTS[name] for name in INPUTS if name in names],
        "outputs": OUTPUTS,
        "variants": variants,
        "findings": findings,
        "warnings": [],
        "complete": all(row.status not in ("waiting", "running") for row in variants),
        "execution": Execution(
            workers=2,
            scheduler="processes",
            seconds=61.0 * len(variants) / 2,
            busy_seconds=55.0 * len(variants),
            computed=len(finished),
            from_store=min(2, len(finished)),
            retries=1,
            starts=2,
            variants_per_hour=118.0,
            shares={"mesh": 0.31, "solve": 0.52, "measure": 0.06, "write": 0.03, "report": 0.07, "other": 0.01},
        ),
        "started": "2026-01-02T03:04:05+00:00",
        "version": "0.1.0",
        "git": "0123456789abcdef0123456789abcdef01234567",
    }
    return StudyRecord.model_validate(values | more)


def size_family() -> StudyRecord:
    """Eight stems with two more runs each for their scatter; one nominal run failed, one is singular."""
    rows: list[Variant] = []
    for k, (neck, offset) in enumerate(zip(np.linspace(11.4, 13.5, 8), np.linspace(36, 46, 8), strict=True)):
        label = f"size {k + 1}" + (", lateralised, collared, with the long distal taper" if k == 5 else "")
        for role, adduction in (("nominal", 10.0), ("adduction low", 9.134), ("adduction high", 10.866)):
            settings: dict[str, Setting] = {
                "neck_diameter": round(float(neck), 2),
                "offset": round(float(offset), 1),
                "adduction": adduction,
            }
            number = len(rows) + 1
            if role == "nominal" and k == 3:
                message = "gmsh: the surface mesh of the neck overlaps itself"
                rows.append(variant(number, settings, label, "failed", role, message))
                continue
            made = variant(number, settings, label, "not_converged" if k == 6 else "done", role)
            rows.append(singular(made) if k == 7 else made)
    ranked = sorted(
        (r for r in rows if r.role == "nominal" and r.values and r.values[STRESS].uncertainty),
        key=lambda r: -r.values[STRESS].value,
    )
    chances = (0.71, 0.22, 0.06, 0.009, 0.001, 0.0)
    ranked_rows = [
        RankRow(
            variant=r.number,
            label=r.label,
            value=r.values[STRESS].value,
            uncertainty=r.values[STRESS].uncertainty or 0,
            scatter=9.0,
            scatter_uncertainty=2.0,
            probability=p,
        )
        for r, p in zip(ranked, chances, strict=True)
    ]
    ranking = Ranking(
        quantity=STRESS,
        unit="MPa",
        worst="maximum",
        rows=ranked_rows,
        conclusion=f"{statement(ranked_rows, STRESS, 'MPa', 1)}. Size 4 is not ranked (failed) and may be worse",
    )
    return record(
        "size_family",
        rows,
        [ranking],
        question="Which size of the family is to be tested in the laboratory?",
        warnings=["1 of 24 variants failed and give no finding a value: size 4 (nominal)"],
    )


def grid() -> StudyRecord:
    """Four by four, one of them impossible, with a surrogate."""
    necks, offsets = (11.0, 12.0, 13.0, 14.0), (34.0, 38.0, 43.0, 48.0)
    rows = []
    for k, (neck, offset) in enumerate(itertools.product(necks, offsets), 1):
        settings: dict[str, Setting] = {"neck_diameter": neck, "offset": offset}
        label = f"neck {neck:g} mm, offset {offset:g} mm"
        if k == 4:
            rows.append(variant(k, settings, label, "impossible", message="the neck is thinner than the trunnion"))
        else:
            rows.append(variant(k, settings, label))
    inputs = [
        INPUTS["neck_diameter"].model_copy(update={"levels": list(necks)}),
        INPUTS["offset"].model_copy(update={"levels": list(offsets)}),
    ]
    return record(
        "grid",
        rows,
        [*effects(rows, [STRESS, MOVE]), surrogate(rows, STRESS, True), surrogate(rows, MASS, False)],
        inputs=inputs,
        question="How do neck and offset share the stress between them?",
    )


def effects(rows: list[Variant], quantities: list[str]) -> list[MainEffect]:
    found = []
    for quantity, name in itertools.product(quantities, rows[0].settings):
        points = []
        for setting in sorted({float(r.settings[name]) for r in rows}):
            values = [r.values[quantity].value for r in rows if r.values and r.settings[name] == setting]
            spread = 1.96 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
            points.append(EffectPoint(setting=setting, mean=float(np.mean(values)), interval=spread, runs=len(values)))
        found.append(MainEffect(quantity=quantity, input=name, points=points))
    return found


def surrogate(rows: list[Variant], quantity: str, trusted: bool) -> SurrogateFinding:
    x, y = np.linspace(11, 14, 25), np.linspace(34, 48, 25)
    mean = [[computed({"neck_diameter": a, "offset": b})[quantity] for a in x] for b in y]
    deviation = [[3.0 + 16 * max(0.0, (b - 42) / 6) * max(0.0, (12.2 - a) / 1.2) for a in x] for b in y]
    return SurrogateFinding(
        quantity=quantity,
        unit=next(o.unit for o in OUTPUTS if o.name == quantity),
        inputs=["neck_diameter", "offset"],
        runs=sum(bool(r.values) for r in rows),
        predictivity=0.974 if trusted else 0.31,
        error=7.3,
        coverage=0.93,
        trusted=trusted,
        length_scales={"neck_diameter": 2.1, "offset": 14.0},
        surface=Surface(
            input_x="neck_diameter", input_y="offset", x=x.tolist(), y=y.tolist(), mean=mean, deviation=deviation
        ),
    )


def one_at_a_time() -> StudyRecord:
    """Three angles and a load about a nominal run, beside published figures; one end failed."""
    start: dict[str, Setting] = dict(NOMINAL)
    rows = [variant(1, start, "nominal", role="nominal")]
    nominal = computed(start)[STRESS]
    ends = {"offset": (38.0, 42.0), "neck_diameter": (12.3, 12.5), "adduction": (9.0, 11.0), "load": (2295.0, 2305.0)}
    bars = []
    for name, pair in ends.items():
        found: list[float | None] = []
        for side, setting in zip(("low", "high"), pair, strict=True):
            number = len(rows) + 1
            status: Status = "failed" if (name, side) == ("neck_diameter", "low") else "done"
            message = "the solver did not converge in 400 iterations" if status == "failed" else ""
            role = f"{name} {side}"
            rows.append(variant(number, start | {name: setting}, role, status, role, message))
            found.append(None if status == "failed" else computed(start | {name: setting})[STRESS])
        bars.append(
            Bar(
                input=name,
                low=pair[0],
                high=pair[1],
                value_low=found[0],
                value_high=found[1],
                uncertainty_low=None if found[0] is None else 5.0,
                uncertainty_high=4.2,
                significant=any(v is not None and abs(v - nominal) > 5 for v in found),
            )
        )
    tornado = Tornado(
        quantity=STRESS,
        unit="MPa",
        nominal=nominal,
        uncertainty=5.6,
        bars=bars,
        published=[
            Published(inputs=["adduction"], low_percent=-3, high_percent=4, source="a made-up paper, table 2"),
            Published(
                inputs=["offset", "adduction"],
                low_percent=-9,
                high_percent=12,
                source="a made-up round robin, figure 5",
            ),
        ],
    )
    return record(
        "one_at_a_time",
        rows,
        [tornado],
        question="Which tolerance of the set-up moves the peak stress most, and does it do so in published work?",
    )


def scattered(count: int, names: tuple[str, ...], seed: int = 1) -> list[dict[str, Setting]]:
    """Settings drawn evenly from the ranges."""
    random = np.random.default_rng(seed)
    return [
        {name: round(float(random.uniform(INPUTS[name].low or 0, INPUTS[name].high or 0)), 3) for name in names}
        for _ in range(count)
    ]


def sobol_indices(count: int = 300) -> StudyRecord:
    """Hundreds of runs, some of which did not converge, or failed alike."""
    rows = []
    for k, settings in enumerate(scattered(count, tuple(NOMINAL)), 1):
        if k % 41 == 0:
            rows.append(variant(k, settings, status="failed", message="no mesh below the memory allowed, 8000 MB"))
        else:
            rows.append(variant(k, settings, status="not_converged" if k % 29 == 0 else "done"))
    shares = {"neck_diameter": (0.61, 0.63), "offset": (0.34, 0.36), "adduction": (0.02, 0.03), "load": (-0.01, 0.01)}
    indices = [
        Indices(
            quantity=quantity,
            method="Saltelli's design, 50 base points; estimators of Jansen; intervals by 1000 resamples",
            from_surrogate=False,
            rows=[
                IndexRow(input=name, first=first, first_interval=0.05, total=total, total_interval=0.04)
                for name, (first, total) in shares.items()
            ],
            conclusion=f"{quantity.replace('_', ' ').capitalize()} varies most with neck diameter (0.63 ± 0.04): total "
            "shares of the variance; no effect can be told of adduction and load",
        )
        for quantity in (STRESS, MOVE)
    ]
    return record("sobol_indices", rows, list(indices), question="Which inputs need a narrower tolerance?")


def uncertainty() -> StudyRecord:
    """Sixty runs with scattering inputs and a limit."""
    rows = [variant(k, s) for k, s in enumerate(scattered(60, ("adduction", "load", "offset"), seed=4), 1)]
    values = np.array([r.values[STRESS].value for r in rows])
    low, high = (float(v) for v in values.mean() + np.array([-1, 1]) * 2.3 * values.std(ddof=1))
    beyond = int((values > LIMIT).sum())
    spread = Distribution(
        quantity=STRESS,
        unit="MPa",
        runs=60,
        mean=float(values.mean()),
        standard_deviation=float(values.std(ddof=1)),
        percentiles={"5": float(np.percentile(values, 5)), "50": float(np.median(values)), "95": float(max(values))},
        tolerance=(low, high),
        tolerance_text="95 % of specimens with 95 % confidence, normal (Shapiro and Wilk: p = 0.31), factor 2.333 "
        "after Howe (1969)",
        numerical=6.1,
        limit=LIMIT,
        limit_kind="maximum",
        failures=beyond,
        failure_probability=beyond / 60,
        failure_interval=(max(beyond / 60 - 0.09, 0.0), beyond / 60 + 0.11),
        method="60 runs, taken as independent draws; probability of failure after Clopper and Pearson (1934), 95 %",
    )
    return record("uncertainty", rows, [spread], question="How often would a stem exceed 600 MPa?")


def optimisation() -> StudyRecord:
    """Two objectives and a constraint that neither is."""
    rows = []
    for k, settings in enumerate(scattered(44, ("neck_diameter", "offset"), seed=3), 1):
        status: Status = "failed" if k == 17 else "done"
        message = "killed: out of memory" if k == 17 else ""
        rows.append(variant(k, settings, status=status, role=f"round {(k - 1) // 11 + 1}", message=message))
    able = [r for r in rows if r.values]
    for r in able:
        peak = r.values[STRESS]
        if abs(peak.value - LIMIT) < 12:
            r.values[STRESS] = peak.model_copy(update={"uncertainty": 15.0})
            r.verdict = "undecided"
    feasible = [r for r in able if r.verdict == "pass"]

    def pair(r: Variant) -> tuple[float, float]:
        return r.values[MASS].value, r.values[STRESS].value

    front = [r for r in feasible if not any(a != r and np.all(np.less_equal(pair(a), pair(r))) for a in feasible)]
    tied = [r for r in feasible if r not in front and any(np.allclose(pair(r), pair(a), rtol=0.02) for a in front)]
    optimum = Optimum(
        objectives=[
            Objective(quantity=MASS, unit="g", sense="minimise"),
            Objective(quantity=STRESS, unit="MPa", sense="minimise"),
        ],
        constraints=[Constraint(quantity=STRESS, unit="MPa", kind="maximum", limit=LIMIT)],
        feasible=[r.number for r in feasible],
        doubtful=[r.number for r in able if r.verdict == "undecided"],
        front=[r.number for r in front],
        tied=[r.number for r in tied],
        rounds=[812.0, 1140.0, 1175.0, 1190.0],
        conclusion=f"{len(front)} variants are on the front; below 95 g none keeps to the limit",
    )
    return record(
        "optimisation",
        rows,
        [optimum, surrogate(rows, STRESS, True)],
        question="How light can the stem be at a stress below 600 MPa?",
    )


def single_objective() -> StudyRecord:
    """One objective under a constraint."""
    base = optimisation()
    found = base.findings[0]
    assert isinstance(found, Optimum)
    masses = {r.number: r.values[MASS].value for r in base.variants if r.number in found.feasible}
    ranked = sorted(masses, key=lambda n: masses[n])
    rounds = [min(masses[n] for n in masses if n <= 11 * (k + 1)) for k in range(4)]
    best = found.model_copy(
        update={
            "objectives": found.objectives[:1],
            "front": ranked[:1],
            "tied": ranked[1:3],
            "rounds": rounds,
            "conclusion": f"Variant {ranked[0]} is the lightest that keeps to the limit",
        }
    )
    return StudyRecord.model_validate(base.model_copy(update={"findings": [best]}).model_dump())


def plain_list() -> StudyRecord:
    """Whatever was asked for, not finished: every status there is, a word as a setting, hostile text."""
    start: dict[str, Setting] = dict(NOMINAL)
    coated: dict[str, Setting] = start | {"finish": "grit-blasted"}
    polished: dict[str, Setting] = start | {"finish": "polished"}
    rows = [
        variant(1, coated, "as drawn"),
        variant(2, polished | {"neck_diameter": 12.8}, "thicker neck"),
        variant(3, coated | {"offset": 44.0}, "long offset for patients with a wide pelvis, second supplier's forging"),
        variant(4, coated | {"offset": 48.0, "neck_diameter": 11.8}, "the worst that was drawn", "not_converged"),
        singular(variant(5, polished | {"neck_diameter": 12.0}, "sharp corner")),
        variant(6, polished, ATTACK, "failed", message=ATTACK),
        variant(7, coated | {"neck_diameter": 3.0}, "no neck", "impossible", message="the neck is thinner than 8 mm"),
        variant(8, coated | {"load": 2500.0}, "heavier", "running"),
        *(variant(k, polished | {"load": 2300.0 + 50 * k}, f"load case {k}", "waiting") for k in range(9, 13)),
    ]
    finish = Input(name="finish", unit="", description="Surface", levels=["grit-blasted", "polished"])
    return record("list", rows, [], inputs=[*INPUTS.values(), finish], warnings=[ATTACK])


def nothing_finished() -> StudyRecord:
    """Before the first run; what will be measured is not known either."""
    rows = [variant(k, s, status="waiting") for k, s in enumerate(scattered(30, tuple(NOMINAL)), 1)]
    return record("latin_hypercube", rows, [], outputs=[])


STUDIES: dict[str, Callable[[], StudyRecord]] = {
    made.__name__: made
    for made in (
        size_family,
        grid,
        one_at_a_time,
        sobol_indices,
        uncertainty,
        optimisation,
        single_objective,
        plain_list,
        nothing_finished,
    )
}


def study_folder(folder: Path, made: StudyRecord) -> Path:
    """A study folder that holds the record and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    made.write(folder)
    return folder
