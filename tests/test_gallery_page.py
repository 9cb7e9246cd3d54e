"""The gallery in a browser: opened as a file, as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import browser
import gallery_folders as made
import pytest

from reports.gallery.page import write

pytestmark = pytest.mark.skipif(browser.found() is None, reason="Chromium is not installed")

STEMS = ["default-1", "neck_diameter-14-2", "neck_diameter-10-3"]
OF_STEMS = "hip_stem/hip_bending/"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = made.results(tmp_path_factory.mktemp("gallery") / "results of 'today'")
    made.study(results / "more", title=made.ATTACK)
    (results / "more" / "studies" / "study-grid").rename(results / "studies" / "attack")
    broken = results / "hip_stem" / "hip_bending" / "broken-5"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    return write(results)


@pytest.fixture(scope="module")
def opened() -> Iterator[browser.Tab]:
    with browser.browser(*browser.NO_GL) as tab:
        yield tab


@pytest.fixture
def tab(opened: browser.Tab, index: Path) -> browser.Tab:
    """The page as it opens."""
    if opened.value("'ready' in document.body.dataset && innerWidth === 1280"):
        opened.value("history.replaceState(null, '', location.pathname); dispatchEvent(new Event('hashchange'))")
        opened.complaints.clear()
    else:
        show(opened, index)
    return opened


def show(tab: browser.Tab, index: Path, width: int = 1280) -> None:
    tab.call("Page.navigate", url="about:blank")
    tab.until("location.href === 'about:blank'")
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(index, width=width)
    tab.until("'ready' in document.body.dataset")


def shown(tab: browser.Tab) -> list[str]:
    """Keys of the cards that can be seen, in their order."""
    paths: list[str] = tab.value(
        "[...document.querySelectorAll('.card')].filter(card => card.checkVisibility())"
        ".map(card => card.dataset.number)"
    )
    told = tab.value("JSON.parse(document.getElementById('facts').textContent).facts.map(fact => fact.path)")
    return [told[int(number)].rpartition("/")[2] for number in paths]


def search(tab: browser.Tab, text: str) -> list[str]:
    tab.value(f"q = document.getElementById('query'); q.value = {text!r}; q.dispatchEvent(new Event('input'))")
    return shown(tab)


def press(tab: browser.Tab, facet: str, value: str) -> None:
    tab.value(f"document.querySelector('[data-facet={facet}][data-value={value}]').click()")


def sort(tab: browser.Tab, name: str) -> None:
    tab.value(f"s = document.getElementById('sort'); s.value = {name!r}; s.dispatchEvent(new Event('change'))")


def pick(tab: browser.Tab, *keys: str) -> None:
    for key in keys:
        tab.value(f"document.querySelector('.pick [value=\"{OF_STEMS}{key}\"]').click()")


def text(tab: browser.Tab, name: str) -> str:
    said: str = tab.value(f"document.getElementById({name!r}).textContent")
    return said


def test_it_opens_from_a_file_without_network_and_complaint(tab, index):
    tab.value("scrollTo(0, document.body.scrollHeight)")
    tab.until("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert tab.complaints == []
    assert tab.requests[0] == index.as_uri()[:200]
    assert all(url.startswith(index.parent.as_uri()[:150]) for url in tab.requests)
    assert len(shown(tab)) == 8
    assert text(tab, "count") == "8 shown"


def test_names_given_by_users_are_text(tab):
    assert tab.value("document.title") == "Bench tests computed here"
    assert tab.value("[...document.querySelectorAll('h3')].map(one => one.textContent)").count(made.ATTACK) == 1
    assert tab.value("document.querySelectorAll('script').length") == 2
    assert search(tab, "onerror") == ["attack"]


SEARCHES = {
    "neck_diameter=14": ["neck_diameter-14-2"],
    "neck_diameter = 14 mm": ["neck_diameter-14-2"],
    "neck_diameter=14mm": ["neck_diameter-14-2"],
    "neck_diameter=1": [],
    "neck_diameter=14in": [],
    "neck_diameter<12.4": ["neck_diameter-10-3"],
    "diameter>=12.4": ["default-1", "neck_diameter-14-2"],
    "peak_von_mises_stress>800": ["neck_diameter-10-3"],
    "coated=yes": STEMS,
    "BONE defaults": ["default-4"],
    "Ti-6Al-4V failed": ["neck_diameter-10-3"],
    "default-4": ["default-4"],
    "nothing of the kind": [],
    "cannot be read": ["broken-5"],
}


def test_search_narrows(tab):
    for typed, wanted in SEARCHES.items():
        assert sorted(search(tab, typed)) == sorted(wanted), typed
        assert text(tab, "count") == f"{len(wanted)} of 8 shown"
        assert tab.value("document.getElementById('nothing').hidden") == bool(wanted)
    tab.value("document.getElementById('clear').click()")
    assert len(shown(tab)) == 8
    assert tab.complaints == []


def test_choices_narrow_and_say_how_many_are_left(tab):
    press(tab, "kind", "run")
    press(tab, "device", "hip_stem")
    assert sorted(shown(tab)) == sorted([*STEMS, "broken-5"])
    assert tab.value("document.querySelector('[data-facet=verdict][data-value=fail] .of').textContent") == "1"
    assert tab.value("document.querySelector('[data-facet=device][data-value=bone_plate] .of').textContent") == "1"
    press(tab, "verdict", "fail")
    press(tab, "verdict", "unreadable")
    assert sorted(shown(tab)) == ["broken-5", "neck_diameter-10-3"]
    assert tab.value("document.querySelector('[data-value=fail]').getAttribute('aria-pressed')") == "true"
    assert tab.value("[...document.querySelectorAll('.group')].filter(one => one.checkVisibility()).length") == 1
    press(tab, "kind", "run")
    press(tab, "kind", "study")
    assert shown(tab) == []


def test_cards_are_sorted_in_their_groups(tab):
    press(tab, "kind", "run")
    assert shown(tab) == ["default-4", "neck_diameter-14-2", "neck_diameter-10-3", "default-1", "broken-5"]
    tab.value("document.getElementById('direction').click()")
    assert shown(tab) == ["default-1", "neck_diameter-10-3", "neck_diameter-14-2", "broken-5", "default-4"]
    sort(tab, "stiffness")
    assert shown(tab)[3:] == ["broken-5", "default-4"]
    sort(tab, "peak_von_mises_stress")
    assert shown(tab)[:3] == ["neck_diameter-14-2", "default-1", "neck_diameter-10-3"]
    tab.value("document.getElementById('direction').click()")
    assert shown(tab)[:3] == ["neck_diameter-10-3", "default-1", "neck_diameter-14-2"]
    sort(tab, "device")
    assert shown(tab)[0] == "default-4"


def test_the_address_keeps_what_was_chosen(tab, index):
    search(tab, "neck_diameter>11 & more")
    search(tab, "neck_diameter>11")
    press(tab, "verdict", "pass")
    sort(tab, "peak_von_mises_stress")
    pick(tab, "default-1", "neck_diameter-14-2")
    before, address = shown(tab), tab.value("location.hash")
    show(tab, index)
    tab.value(f"location.hash = {address!r}")
    tab.until("!document.getElementById('compare').hidden")
    assert shown(tab) == before == ["neck_diameter-14-2", "default-1"]
    assert tab.value("document.getElementById('query').value") == "neck_diameter>11"
    assert 0 < text(tab, "command").index("default-1") < text(tab, "command").index("neck_diameter-14-2")
    tab.value("location.hash = ''")
    tab.until("document.getElementById('compare').hidden")
    assert len(shown(tab)) == 8
    tab.value("location.hash = '#kind=nonsense&sort=nothing&picked=../../x&verdict=%00'")
    tab.until("document.querySelectorAll('.card:not([hidden])').length === 0")
    assert tab.complaints == []


def test_the_command_compares_what_was_picked(tab, index):
    pick(tab, "neck_diameter-14-2")
    assert "take another one" in text(tab, "picked")
    assert tab.value("document.getElementById('copy').hidden")
    pick(tab, "default-1")
    root = str(index.parent).replace("'", "'\\''")
    runs = [f"'{root}/{OF_STEMS}{key}'" for key in ("neck_diameter-14-2", "default-1")]
    assert text(tab, "command") == f"benchtwin compare {' '.join(runs)} --results '{root}'"
    assert tab.value(
        "[...document.querySelectorAll('.pick input')].filter(box => box.disabled).map(box => box.value)"
    ) == ["bone_plate/plate_bending/default-4"]
    tab.value("document.getElementById('drop').click()")
    assert tab.value("document.getElementById('compare').hidden")
    assert tab.value("document.querySelectorAll('.pick :checked').length") == 0


def test_runs_of_another_device_are_not_taken_from_an_address(tab):
    picked = [f"{OF_STEMS}default-1", "bone_plate/plate_bending/default-4", f"{OF_STEMS}broken-5"]
    tab.value("location.hash = '#" + "&".join(f"picked={quote(path)}" for path in picked) + "'")
    tab.until("!document.getElementById('compare').hidden")
    assert text(tab, "picked").startswith("1 run;")


def test_every_control_is_reached_by_the_tab_key_and_has_a_name(tab):
    search(tab, "default-1")
    tab.value("document.getElementById('query').focus()")
    reached = []
    for _ in range(24):
        tab.press("Tab")
        reached.append(
            tab.value(
                "(one => one.id || one.dataset.value || one.textContent.trim() || one.value)(document.activeElement)"
            )
        )
    wanted = [
        "run",
        "study",
        "comparison",
        "hip_stem",
        "pass",
        "sort",
        "direction",
        "clear",
        "Hip stem",
        "Report",
        "Record",
    ]
    assert [name for name in wanted if name not in reached] == []
    assert f"{OF_STEMS}default-1" in reached
    unnamed = tab.value(
        "[...document.querySelectorAll('input, button, select, a[href]:not([aria-hidden])')]"
        ".filter(one => !one.labels?.length && !one.ariaLabel && !one.textContent.trim()).map(one => one.outerHTML)"
    )
    assert unnamed == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(tab, index, width):
    show(tab, index, width)
    pick(tab, *STEMS)
    assert tab.value("document.documentElement.scrollWidth") <= width


def test_without_scripts_it_is_a_plain_list(tab, index):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(index)
        assert len(shown(tab)) == 8
        assert not tab.value("document.getElementById('controls').checkVisibility()")
        assert tab.value("[...document.querySelectorAll('.pick')].filter(one => one.checkVisibility()).length") == 0
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)
