"""The variants of a study in the browser: filter, ticks and command, and that both tables show the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import study_folders as studies
from browser import NO_GL, Tab, browser, found
from study_folders import STRESS

from reports.study import page
from studies.findings.study_record import StudyRecord

pytestmark = pytest.mark.skipif(found() is None, reason="no Chromium on this machine")

RECORD = studies.grid()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = studies.study_folder(tmp_path_factory.mktemp("results") / "studies" / "it's a grid", RECORD)
    return page.write(folder, RECORD, [])


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser(*NO_GL) as opened:
        yield opened


@pytest.fixture
def opened(tab: Tab, written: Path) -> Tab:
    tab.call("Page.navigate", url="about:blank")
    tab.open(written)
    return tab


def typed(tab: Tab, selector: str, text: str) -> None:
    tab.value(
        f"(field => {{field.value = {text!r}; field.dispatchEvent(new Event('input'))}})"
        f"(document.querySelector({selector!r}))"
    )


def shown(tab: Tab) -> list[list[int]]:
    """Numbers of the variants that each table shows."""
    return tab.value(
        "[...document.querySelectorAll('#variants table.sortable')].map(t => [...t.tBodies[0].rows]"
        ".filter(r => !r.hidden).map(r => Number(r.dataset.number)).sort((a, b) => a - b))"
    )


def count(tab: Tab) -> str:
    return tab.value("document.querySelector('.count').textContent")


def expected(record: StudyRecord, test: object) -> list[list[int]]:
    numbers = [v.number for v in record.variants if test(v)]  # type: ignore[operator]
    return [numbers, numbers]


FIND = ".filter input"
RANGE = "input[aria-label='Range of Peak von Mises stress']"


def test_words_must_all_be_found(opened: Tab) -> None:
    typed(opened, FIND, "Neck 12  OFFSET 38")
    assert shown(opened) == expected(RECORD, lambda v: v.settings == {"neck_diameter": 12.0, "offset": 38.0})
    assert count(opened).startswith("1 of 16 shown")
    typed(opened, FIND, "impossible")
    assert shown(opened) == expected(RECORD, lambda v: v.status == "impossible")
    typed(opened, FIND, "<script>")
    assert shown(opened) == [[], []]
    assert not opened.complaints


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("> 600", lambda y: y > 600),
        ("<=600", lambda y: y <= 600),
        ("450..600", lambda y: 450 <= y <= 600),
        ("..500", lambda y: y <= 500),
        ("5e2 to", lambda y: y >= 500),
        ("−1..1e9", lambda y: True),
    ],
)
def test_ranges_of_a_column(opened: Tab, text: str, test: object) -> None:
    typed(opened, RANGE, text)
    assert shown(opened) == expected(RECORD, lambda v: STRESS in v.values and test(v.values[STRESS].value))  # type: ignore[operator]
    assert "Peak von Mises stress" in count(opened)


@pytest.mark.parametrize("text", ["abc", ">", "..", "600..450", "1,5", "> 1 2"])
def test_a_range_that_is_not_understood_is_told_and_hides_nothing(opened: Tab, text: str) -> None:
    typed(opened, RANGE, text)
    assert shown(opened) == expected(RECORD, lambda v: True)
    assert opened.value(f'document.querySelector("{RANGE}").getAttribute("aria-invalid")') == "true"
    assert "Not understood" in count(opened)


def test_a_column_of_the_second_table_narrows_both(opened: Tab) -> None:
    typed(opened, "input[aria-label='Range of Stiffness']", "> 2500")
    assert shown(opened) == expected(RECORD, lambda v: v.values and v.values["stiffness"].value > 2500)


def test_chips_state_in_the_address_and_clear(opened: Tab, written: Path) -> None:
    opened.value(
        "[...document.querySelectorAll('.chips button')].find(b => b.textContent.startsWith('failed')).click()"
    )
    failed = expected(RECORD, lambda v: v.verdict == "fail")
    assert shown(opened) == failed != [[], []]
    typed(opened, RANGE, "> 650")
    both = shown(opened)
    address = opened.value("location.href")
    opened.call("Page.navigate", url="about:blank")
    opened.call("Page.navigate", url=address)
    opened.until("document.readyState === 'complete' && document.querySelector('.count') !== null")
    assert shown(opened) == both != failed
    assert opened.value("document.querySelector('.chips [aria-pressed=true]').textContent").startswith("failed")
    opened.value("[...document.querySelectorAll('.filter > button')].at(-1).click()")
    assert shown(opened) == expected(RECORD, lambda v: True)
    assert opened.value("location.hash") == "#variants"


def test_all_can_be_reached_by_the_keyboard(opened: Tab) -> None:
    opened.value("document.querySelector('.filter input').focus()")
    reached = []
    for _ in range(30):
        opened.press("Tab")
        reached.append(
            opened.value("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        )
    assert any(word.startswith("done") for word in reached)
    assert "Range of Peak von Mises stress" in reached and "Compare variant 1" in reached


def test_ticks_make_the_command(opened: Tab, written: Path) -> None:
    boxes = "[...document.querySelectorAll('td input[type=checkbox]')]"
    assert opened.value(f"{boxes}.length") == 15  # one variant is impossible
    for k in range(8):
        opened.value(f"{boxes}[{k}].click()")
    assert opened.value(f"{boxes}.filter(b => b.checked).length") == 6
    command = opened.value("document.querySelector('.command code').textContent")
    quoted = "'" + str(written.parent.resolve()).replace("'", "'\\''") + "'"
    assert command == f".venv/bin/benchtwin compare {quoted} --pick 1 2 3 5 6 7"
    assert "pick=1%2C2" in opened.value("location.hash")
    typed(opened, FIND, "offset 48")
    assert "Ticked but not shown: 1, 2, 3" in opened.value(
        "document.querySelector('.compare [role=status]').textContent"
    )


def test_printed_it_says_that_it_is_filtered(opened: Tab) -> None:
    visible = "getComputedStyle(document.querySelector({})).display !== 'none'"
    opened.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert not opened.value(visible.format("'.count'")) and not opened.value(visible.format("'.filter'"))
        typed(opened, FIND, "offset 48")
        assert opened.value(visible.format("'.count'")) and "4 of 16 shown: “offset 48”" in count(opened)
    finally:
        opened.call("Emulation.setEmulatedMedia", media="")


def test_without_scripts_nothing_of_it_is_there(tab: Tab, written: Path) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(written)
        root = tab.call("DOM.getDocument")["root"]["nodeId"]
        found = {
            selector: len(tab.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])
            for selector in ("#variants input", "#variants button", ".count", "#variants tbody tr")
        }
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert found == {"#variants input": 0, "#variants button": 0, ".count": 0, "#variants tbody tr": 32}
