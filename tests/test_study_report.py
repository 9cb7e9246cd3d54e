"""The report of a study and its plots, on made-up records of every kind."""

from __future__ import annotations

import base64
import html
import io
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import matplotlib.pyplot as plt
import numpy as np
import pytest
import study_folders as studies
from html_page import Page
from pictures import IMAGES, alike
from PIL import Image

from reports import numbers
from reports.__main__ import main
from reports.scenery import Picture
from reports.study import page, plots
from reports.study import thumbnails as thumbnails_module
from reports.study.answer import answer
from reports.study.choose import key_outputs
from reports.study.labels import name_points
from reports.study.picks import picks
from reports.study.thumbnails import MOST_BYTES, thumbnails
from reports.study.words import called, input_unit, measured, output_unit, with_unit
from studies.findings.study_record import MainEffect, Objective, Optimum, Output, Ranking, StudyRecord, Tornado

SCALE = 0.5
STRESS = studies.STRESS
DRAWN = {
    "size_family": [f"ranking_{STRESS}", "parallel"],
    "grid": ["main_effects", f"surface_{STRESS}", "parallel"],
    "one_at_a_time": [f"tornado_{STRESS}"],
    "sobol_indices": [f"indices_{STRESS}", f"indices_{studies.MOVE}", "parallel"],
    "uncertainty": [f"distribution_{STRESS}", "parallel"],
    "optimisation": ["pareto", "rounds", f"surface_{STRESS}", "parallel"],
    "single_objective": ["rounds", "parallel"],
    "plain_list": ["by_variant", "parallel"],
    "nothing_finished": [],
}


@dataclass(frozen=True)
class Drawn:
    folder: Path
    record: StudyRecord
    pictures: list[Picture]

    @property
    def source(self) -> str:
        return page.render(self.folder, self.record, self.pictures)


@pytest.fixture(scope="module", params=list(studies.STUDIES))
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    name: str = request.param
    record = studies.STUDIES[name]()
    folder = studies.study_folder(tmp_path_factory.mktemp(name) / name, record)
    return Drawn(folder, record, plots.draw(folder, record, SCALE))


def section(source: str, name: str) -> str:
    """The inside of a section of a page; empty if it has none."""
    found = re.search(rf'<section id="{name}".*?</section>', source, re.DOTALL)
    return found[0] if found else ""


def without_pictures(source: str) -> str:
    return re.sub(r'src="data:image/png;base64,[^"]*"', 'src="data:image/png;base64,"', source)


# --- every kind --------------------------------------------------------------------------------------


def test_kind_and_findings_choose_the_plots(drawn: Drawn) -> None:
    assert [picture.file for picture in drawn.pictures] == [f"{name}.png" for name in DRAWN[drawn.folder.name]]


def test_page_is_whole_and_readable(drawn: Drawn) -> None:
    read = Page(drawn.source)
    assert not read.open
    tags = [tag for tag, _ in read.tags]
    assert tags.count("h1") == 1
    assert tags.count("img") == len(drawn.pictures)
    assert {"header", "nav", "main"} <= set(tags)
    identifiers = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    for tag, attributes in read.tags:
        if tag == "img":
            assert attributes["alt"]
        if tag == "th":
            assert attributes["scope"] in {"row", "col"}
        if tag == "a" and attributes["href"].startswith("#"):
            assert attributes["href"][1:] in identifiers
    assert drawn.record.question in read.text
    for picture in drawn.pictures:
        assert " ".join(picture.caption.split()) in read.text
    for finding in drawn.record.findings:
        for text in getattr(finding, "conclusion", "").split(". "):
            assert text in read.text


def test_page_needs_nothing_else(drawn: Drawn) -> None:
    source = without_pictures(drawn.source)
    assert not re.search(r"https?:|@import|url\s*\(", source)
    for tag, attributes in Page(source).tags:
        assert tag not in {"link", "iframe", "object", "embed", "base"}
        for name in ("src", "srcset", "action", "poster", "data"):
            assert attributes.get(name, "data:image/").startswith("data:image/"), (tag, attributes)


def test_links_lead_to_the_reports_of_the_runs(drawn: Drawn) -> None:
    links = [attributes["href"] for tag, attributes in Page(drawn.source).tags if tag == "a"]
    found = {unquote(link).removeprefix("./") for link in links if not link.startswith("#")}
    assert all(re.fullmatch(r"\./[\w%./-]+", link) for link in links if not link.startswith("#"))
    assert found == {f"{v.folder}/report.html" for v in drawn.record.variants if v.status in ("done", "not_converged")}


def test_whatever_has_no_full_result_is_named(drawn: Drawn) -> None:
    inside = section(drawn.source, "missing")
    read = Page(inside).text if inside else ""
    counted = sum(int(n) for n in re.findall(r'<td class="number">(\d+)</td>', inside))
    lost = [v for v in drawn.record.variants if v.status in ("failed", "impossible", "not_converged")]
    assert counted == len(lost)
    for variant in lost:
        assert called(variant) in read
        if variant.message:
            assert numbers.sentence(variant.message) in read


def test_unfinished_is_said_first(drawn: Drawn) -> None:
    banner = re.search(r'<p class="banner".*?</p>', drawn.source, re.DOTALL)
    expected = {"plain_list": "7 of 12 variants", "nothing_finished": "0 of 30 variants"}.get(drawn.folder.name)
    assert (banner is None) == (expected is None)
    if banner and expected:
        assert f"The study is not finished: {expected}." in banner[0]
        assert drawn.source.index(banner[0]) < drawn.source.index('id="answer"')


def test_plots_are_not_blank(drawn: Drawn) -> None:
    for picture in drawn.pictures:
        image = np.asarray(Image.open(drawn.folder / picture.file).convert("RGB")).astype(int)
        inked = (image.min(axis=2) < 200).mean()
        coloured = (np.ptp(image, axis=2) > 40).mean()  # data have a colour, axes and text have none
        assert 0.005 < inked < 0.9, picture.file
        assert coloured > 0.001, picture.file
        border = np.concatenate([image[:2].ravel(), image[-2:].ravel(), image[:, :2].ravel(), image[:, -2:].ravel()])
        assert (border < 128).mean() < 0.02, f"{picture.file} is cut off"


def test_plots_look_as_they_should(drawn: Drawn) -> None:
    for picture in drawn.pictures[:1]:  # each kind of study has another one first
        alike(Image.open(drawn.folder / picture.file), f"study_{drawn.folder.name}", 0.4)


def test_values_have_their_error_bars_in_the_table(drawn: Drawn) -> None:
    rows = section(drawn.source, "variants")
    for variant in drawn.record.variants[:12]:
        value = variant.values.get(STRESS)
        if value is None:
            continue
        key = "" if value.status == "singular" else repr(value.value)
        cell = re.search(rf'<td class="number" data-key="{key}">(?:(?!</td>).)*{measured(value)}</td>', rows, re.DOTALL)
        assert cell, variant.label
        assert ("<svg" in cell[0]) == (value.status != "converged")


# --- single things -----------------------------------------------------------------------------------


def test_text_of_a_study_is_never_markup(tmp_path: Path) -> None:
    record = studies.plain_list()
    hostile = dict.fromkeys(("title", "question", "key", "device_description", "style_of"), studies.ATTACK)
    record = record.model_copy(update=hostile | {"fixed": {studies.ATTACK: studies.ATTACK}})
    inputs = [record.inputs[0].model_copy(update={"source": studies.ATTACK, "description": studies.ATTACK})]
    record = record.model_copy(update={"inputs": [*inputs, *record.inputs[1:]]})
    folder = studies.study_folder(tmp_path, record)
    source = page.render(folder, record, plots.draw(folder, record, SCALE), studies.ATTACK)
    read = Page(source)
    assert not read.open
    assert [tag for tag, _ in read.tags].count("script") == 1  # the one that sorts
    assert not any(attributes.get("src") == "x" for _, attributes in read.tags)
    assert html.escape(studies.ATTACK, quote=False).split('"')[0] in source


def test_folder_of_a_study_is_known_by_its_record(tmp_path: Path) -> None:
    folder = studies.study_folder(tmp_path / "study", studies.single_objective())
    before = (folder / "study.json").read_bytes()
    (folder / "variants.csv").touch()
    assert main([str(folder)]) == 0
    source = (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "study.json").read_bytes() == before
    assert 'href="variants.csv"' in source
    assert "variants.parquet" not in source
    assert source.count("<img") == 2
    (folder / "study.json").write_text("{}")
    assert main([str(folder)]) == 2


def test_quantities_of_findings_come_first_and_the_others_are_folded_away() -> None:
    record = studies.optimisation()
    main_part, folded = section(page.render(Path(), record, []), "variants").split("<details>")
    assert main_part.index(">Mass") < main_part.index(">Peak von Mises stress")
    assert ">Stiffness" not in main_part
    assert ">Stiffness" in folded


def test_input_that_does_not_vary_is_folded_away() -> None:
    main_part, folded = section(page.render(Path(), studies.plain_list(), []), "variants").split("<details>")
    assert ">Adduction" not in main_part
    assert ">Adduction" in folded
    assert ">Load" in main_part


def test_probability_comes_with_its_interval() -> None:
    record = studies.uncertainty()
    answer = Page(page.render(Path(), record, [])).text
    assert re.search(r"above its limit, 600 MPa, is 0\.\d+ \(95 % interval 0\.\d+ to 0\.\d+\); \d+ of 60 runs", answer)


def test_poor_surrogate_is_not_drawn_and_said_to_be_poor(tmp_path: Path) -> None:
    record = studies.grid()
    files = [picture.file for picture in plots.draw(tmp_path, record, SCALE)]
    assert f"surface_{studies.MASS}.png" not in files
    assert "No surrogate is good enough to be drawn for mass" in Page(page.render(tmp_path, record, [])).text


def answered(record: StudyRecord) -> str:
    return " ".join(answer(record))


def with_intervals(record: StudyRecord, intervals: dict[str, float | None], complete: bool = False) -> str:
    """The answer, with these intervals of the means at the settings of each input."""
    made = []
    for effect in (f for f in record.findings if isinstance(f, MainEffect)):
        points = [p.model_copy(update={"interval": intervals[effect.input]}) for p in effect.points]
        made.append(effect.model_copy(update={"points": points, "complete": complete}))
    return answered(record.model_copy(update={"findings": made}))


def test_no_main_effect_is_claimed_that_chance_or_error_bars_make() -> None:
    record = studies.grid()
    text = with_intervals(record, {"neck_diameter": 1e-3, "offset": 1e-3})
    assert "Peak von Mises stress depends most on neck diameter" in text
    assert "the grid is unbalanced, as 1 of 16 variants has no value" in text
    text = with_intervals(record, {"neck_diameter": 1e4, "offset": 1e4})
    assert "depends" not in text and "No main effect on peak von Mises stress can be told" in text
    assert "(chance and error bars)" in text
    assert "(error bars)" in with_intervals(record, {"neck_diameter": 1e4, "offset": 1e4}, complete=True)
    text = with_intervals(record, {"neck_diameter": None, "offset": None})
    assert "depends" not in text and "no input has two settings that were run more than once" in text


def test_most_is_said_only_where_the_intervals_tell_it_from_the_next() -> None:
    record = studies.grid()
    effects = [f for f in record.findings if isinstance(f, MainEffect) and f.quantity == STRESS]
    neck, offset = (max(p.mean for p in f.points) - min(p.mean for p in f.points) for f in effects)
    assert neck > offset
    wide = {"neck_diameter": 0.495 * neck, "offset": 0.45 * offset}  # both are real, and either may be the larger
    text = with_intervals(record, wide)
    assert "depends on neck diameter and offset, of which it cannot be told on which most" in text
    near = 0.4 * offset
    assert "depends most on neck diameter" in with_intervals(record, {"neck_diameter": near, "offset": near})
    for unknown in (10 * neck, None):
        text = with_intervals(record, {"neck_diameter": near, "offset": unknown})
        assert "Peak von Mises stress depends on neck diameter: over all else" in text
        assert "of offset these runs do not tell whether it does more" in text


def test_input_and_quantity_of_one_name_keep_their_units() -> None:
    record = studies.grid()
    same = Output(name="offset", unit="um", description="Another offset")
    assert input_unit(record.model_copy(update={"outputs": [same]}), "offset") == "mm"
    assert output_unit(record.model_copy(update={"outputs": [same]}), "offset") == "um"
    effect = next(f for f in record.findings if isinstance(f, MainEffect) and f.input == "offset")
    points = [p.model_copy(update={"interval": 1e-3}) for p in effect.points]
    named = effect.model_copy(update={"quantity": "offset", "points": points})
    text = answered(record.model_copy(update={"outputs": [*record.outputs, same], "findings": [named]}))
    assert re.search(r"its mean is [\d.]+\u00a0±\u00a0[\d.]+\u00a0um at 34 mm and .*um at 43 mm of offset", text), text


def test_what_no_run_tells_is_not_known(tmp_path: Path) -> None:
    record = studies.one_at_a_time()
    (tornado,) = [f for f in record.findings if isinstance(f, Tornado)]
    nothing = {"value_low": None, "value_high": None, "significant": False}
    bars = [b.model_copy(update=nothing) if b.input == "load" else b for b in tornado.bars]
    record = record.model_copy(update={"findings": [tornado.model_copy(update={"bars": bars})]})
    text = answered(record)
    assert "by neck diameter at 12.3 mm; by load at 2295 N and 2305 N" in text
    assert not re.search("larger than the uncertainties comes from[^.]*load", text)
    (picture,) = plots.draw(tmp_path, record, 0.2)
    assert "Not known at a setting, as its run has no value: neck diameter, load" in picture.caption


def test_what_was_asked_for_and_is_not_there_is_said() -> None:
    why = "The Sobol' indices of mass were not computed: they take all 64 runs, not 63"
    record = studies.sobol_indices().model_copy(update={"absent": [why]})
    assert why in Page(section(page.render(Path(), record, []), "missing")).text


def test_draws_without_a_value_may_fail() -> None:
    record = studies.uncertainty()
    spread = record.findings[0].model_copy(update={"lost": 4, "failures": 0, "failure_probability": 0.0})
    text = answered(record.model_copy(update={"findings": [spread]}))
    assert "is < 0.01 (95 %" in text
    assert "4 draws without a value may fail as well" in text


def test_the_first_sentence_is_the_statement_that_a_design_review_needs() -> None:
    record = studies.size_family()
    (ranking,) = [f for f in record.findings if isinstance(f, Ranking)]
    statement, evidence, *_ = answer(record)
    assert re.fullmatch(
        r"Size \w+.* is the worst case of the 6 sizes that have a value for peak von Mises stress with probability "
        r"0\.71, size \w+.* with 0\.22, size \w+.* with 0\.06: "
        r"all 3 of them must be considered; one of them is the worst with 0\.99\.",
        statement,
    )
    assert evidence.count("scattering by 9.0 ± 2.0") == 4 and "Size 4 is not ranked (failed)" in evidence
    odd = ranking.model_copy(update={"conclusion": "Sizes No. A and No. B cannot be told apart"})
    assert answer(record.model_copy(update={"findings": [odd]}))[0] == "Sizes No. A and No. B cannot be told apart."
    sure = [ranking.rows[1].model_copy(update={"probability": 0.97}), *ranking.rows[2:]]
    other = ranking.model_copy(update={"quantity": studies.MOVE, "rows": sure, "conclusion": "Other"})
    both = answer(record.model_copy(update={"findings": [ranking, other]}))[0]
    assert re.match(
        r"3 sizes must be considered: size \w+ as the worst case for peak von Mises stress with .* 0\.71;", both
    )
    assert "for peak von Mises stress with probability 0.22 and for head displacement with probability 0.97;" in both


def test_quantities_asked_for_are_shown() -> None:
    record = studies.plain_list().model_copy(update={"quantities": [studies.MASS]})
    assert [o.name for o in key_outputs(record)] == [studies.MASS]


def test_more_rounds_to_come() -> None:
    record = studies.optimisation().model_copy(update={"complete": False})
    assert "not finished: 44 variants so far, and more to come" in Page(page.render(Path(), record, [])).text


def test_large_and_odd_studies_are_drawn(tmp_path: Path) -> None:
    family = studies.size_family()
    ranking = family.findings[0]
    assert isinstance(ranking, Ranking)
    rows = [row.model_copy(update={"label": "W" * 400}) for row in ranking.rows]
    many = ranking.model_copy(update={"rows": rows * 10})
    long_list = studies.sobol_indices().model_copy(update={"kind": "list", "findings": []})
    best = studies.optimisation()
    found = best.findings[0]
    assert isinstance(found, Optimum)
    third = Objective(quantity="stiffness", unit="N/mm", sense="maximise")
    three = best.model_copy(update={"findings": [found.model_copy(update={"objectives": [*found.objectives, third]})]})
    for record in (family.model_copy(update={"findings": [many]}), long_list, three):
        pictures = plots.draw(tmp_path, record, 0.2)
        assert pictures
        assert not Page(page.render(tmp_path, record, pictures)).open


def test_names_of_points_hide_nothing() -> None:
    figure, axes = plt.subplots()
    random = np.random.default_rng(2)
    spots = [(float(x), float(y)) for x, y in random.uniform(size=(25, 2))]
    axes.plot(*zip(*spots, strict=True), "o")
    missing = name_points(axes, [(x, y, f"no. {i}") for i, (x, y) in enumerate(spots)], [])
    boxes = [text.get_window_extent() for text in axes.texts]
    plt.close(figure)
    assert len(boxes) == 25 - missing > 15
    assert not any(box.count_overlaps(boxes[:i] + boxes[i + 1 :]) for i, box in enumerate(boxes))


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(11.4, 13.5, ("11.4", "13.5")), (326.98, 864.9, ("327", "865")), (0.4464, 2.766, ("0.45", "2.77")),
     (2250.0, 2350.0, ("2250", "2350")), (-0.0012, 0.0008, ("−0.0012", "0.0008")), (7.0, 7.0, ("7", "7"))],
)  # fmt: skip
def test_ends_of_a_range(low: float, high: float, text: tuple[str, str]) -> None:
    assert numbers.ends(low, high) == text


@pytest.mark.parametrize(("value", "text"), [(0.0, "< 0.01"), (0.714, "0.71"), (0.9999, "> 0.99")])
def test_probability_is_never_certain(value: float, text: str) -> None:
    assert numbers.probability(value) == text


def test_words_and_units() -> None:
    assert numbers.words("material.endurance_limit") == "Material endurance limit"
    assert with_unit(11.0, "degree") == "11°"
    assert with_unit(600.0, "MPa") == "600 MPa"
    assert [numbers.seconds(s) for s in (42.0, 3600.0, 90000.0)] == ["42 s", "60 min", "25 h"]


# --- small pictures -----------------------------------------------------------------------------------


@pytest.fixture
def pictured(tmp_path: Path) -> tuple[Path, StudyRecord]:
    """A grid whose first run has a picture, the second one of another kind, the third none, the fifth a broken one."""
    record = studies.grid()
    folder = studies.study_folder(tmp_path, record)
    runs = {v.number: folder / v.folder for v in record.variants if v.folder}
    for number, name in ((1, "von_mises"), (2, "wall_shear"), (5, "von_mises")):
        runs[number].mkdir(parents=True)
        (runs[number] / f"{name}.png").write_bytes((IMAGES / "plate_von_mises.png").read_bytes())
    (runs[5] / "von_mises.png").write_bytes(b"no picture")
    return folder, record


def test_variants_have_small_pictures(pictured: tuple[Path, StudyRecord]) -> None:
    folder, record = pictured
    made = thumbnails(folder, record)
    assert set(made) == {1, 2}
    content = base64.b64decode(made[1].split(",")[1])
    assert len(content) < 8000
    picture = Image.open(io.BytesIO(content))
    assert picture.width == 160
    alike(picture, "thumbnail_plate")
    source = page.render(folder, record, [])
    assert source.count(made[1]) == 2 and "shapes can be compared, but not colours" in source  # two variants
    assert "<img" not in page.render(Path(), record, [])


def test_of_very_many_variants_those_that_findings_name_have_pictures(
    pictured: tuple[Path, StudyRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, record = pictured
    best = {pick.variant.number for pick in picks(record)[0]}
    monkeypatch.setattr(thumbnails_module, "MOST", 10)
    assert set(thumbnails(folder, record)) == best & {1, 2}
    monkeypatch.setattr(thumbnails_module, "MOST", 1000)
    monkeypatch.setattr(thumbnails_module, "MOST_BYTES", 5000)
    assert len(thumbnails(folder, record)) == 1


def test_a_thousand_variants_stay_below_15_MB() -> None:
    record = studies.sobol_indices(1000)
    assert len(page.render(Path(), record, []).encode()) + MOST_BYTES * 4 / 3 < 15e6
