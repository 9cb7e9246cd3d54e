"""Cards are complete and physical; a wrong card is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from materials import Constant, Material, MaterialError, known_materials, load_card, load_cards

EXPECTED = {
    "ti6al4v_eli",
    "ti6al4v_lpbf",
    "cpti_grade4",
    "ti6al7nb",
    "cocrmo_cast",
    "cocrmo_wrought",
    "cocrmo_wrought_warm_worked",
    "ss316lvm",
    "ss316lvm_annealed",
    "peek",
    "uhmwpe",
    "pom",
    "pmma_cement",
    "cortical_bone",
    "cancellous_bone",
    "pu_foam_15",
    "pu_foam_20",
}

CARD = """
[my_alloy]
title = "My alloy"
specification = "-"
temperature_degC = 37
young_modulus = { value = 16.0, unit = "Mpsi", source = "own test 12", verified = true }
poisson_ratio = { value = 0.3, unit = "", source = "assumed", verified = false }
density = { value = 4500, unit = "kg/m^3", source = "own test 13", verified = true }
yield_strength = { value = 900, unit = "MPa", source = "own test 14", verified = true }
tensile_strength = { value = 1, unit = "GPa", source = "own test 14", verified = true }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_cards_are_there() -> None:
    assert set(known_materials()) == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_built_in_card(name: str) -> None:
    card = load_card(name)
    assert card.name == name
    assert 1.0 < card.value("young_modulus") < 250e3  # MPa: a GPa taken for MPa falls outside
    assert 0.2e-9 < card.value("density") < 9e-9  # tonne/mm^3
    assert 0.2 < card.value("poisson_ratio") < 0.5
    for constant in (getattr(card, field) for field in Material.model_fields):
        if isinstance(constant, Constant):
            assert constant.verified != constant.source.startswith("assumed: "), constant


def test_ti6al4v_eli() -> None:
    card = load_card("ti6al4v_eli")
    assert card.value("young_modulus") == pytest.approx(114e3)
    assert card.value("density") == pytest.approx(4.43e-9)
    assert card.value("poisson_ratio") == 0.34
    strengths = ("yield_strength", "tensile_strength", "endurance_limit")
    assert [card.value(name) for name in strengths] == [795, 860, 500]
    assert card.assumed() == ("young_modulus", "poisson_ratio", "density", "endurance_limit")
    assert "110-114" in card.young_modulus.source


def test_known_materials_cannot_be_spoiled() -> None:
    known_materials().clear()
    assert set(known_materials()) == EXPECTED
    with pytest.raises(ValidationError):
        load_card("peek").title = "other"


def test_user_file(tmp_path: Path) -> None:
    path = write(tmp_path, CARD)
    cards = known_materials(path)
    assert set(cards) == EXPECTED | {"my_alloy"}
    card = cards["my_alloy"]
    assert card == load_card(str(path)) == load_card(f"{path}:my_alloy") == load_cards(path)["my_alloy"]
    assert card.value("young_modulus") == pytest.approx(110316.117, rel=1e-6)
    assert card.value("density") == pytest.approx(4.5e-9)
    assert card.value("tensile_strength") == pytest.approx(1000.0)
    assert card == Material.model_validate_json(card.model_dump_json())


def test_user_file_may_not_redefine_a_built_in_card(tmp_path: Path) -> None:
    path = write(tmp_path, CARD.replace("my_alloy", "peek"))
    for load in (lambda: known_materials(path), lambda: load_card(f"{path}:peek")):
        with pytest.raises(MaterialError, match="redefines built-in material.*peek"):
            load()


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('unit = "Mpsi"', 'unit = "kg"', ["my_alloy", "young_modulus", "'kg'", "a mass", "a stress"]),
        ('unit = "Mpsi"', 'unit = "Mpsy"', ["my_alloy", "young_modulus", "Mpsy", "not a known unit"]),
        ('unit = ""', 'unit = "deg"', ["my_alloy", "poisson_ratio", "an angle", "a plain number"]),
        ("value = 0.3", "value = 0.5", ["my_alloy", "poisson_ratio = 0.5", "-1 and 0.5"]),
        ("value = 0.3", "value = -1", ["my_alloy", "poisson_ratio = -1", "-1 and 0.5"]),
        ("value = 16.0", "value = 0", ["my_alloy", "young_modulus = 0 Mpsi", "positive"]),
        ("value = 16.0", "value = nan", ["my_alloy", "young_modulus.value", "finite"]),
        ("value = 16.0", 'value = "16"', ["my_alloy", "young_modulus.value", "number"]),
        ("value = 4500", "value = -1", ["my_alloy", "density = -1 kg/m^3", "positive"]),
        ("value = 900", "value = 1001", ["my_alloy", "yield_strength (1001 MPa)", "(1000 MPa)"]),
        ('"own test 12"', '" "', ["my_alloy", "young_modulus.source"]),
        ("temperature_degC = 37", "temperature_degC = -300", ["my_alloy", "temperature_degC"]),
        ("temperature_degC = 37", "", ["my_alloy", "temperature_degC", "required"]),
        ("density", "densité", ["not a TOML file"]),
        ("density", "densty", ["my_alloy", "density", "required"]),
        ("title", 'colour = "red"\ntitle', ["my_alloy", "colour", "not permitted"]),
        ("title", 'name = "x"\ntitle', ["my_alloy", "'name'"]),
        ("[my_alloy]", "", ["outside any card"]),
    ],
)
def test_wrong_card(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    assert old in CARD
    path = write(tmp_path, CARD.replace(old, new, 1))
    with pytest.raises(MaterialError) as caught:
        load_cards(path)
    assert all(part in str(caught.value) for part in [str(path), *parts]), str(caught.value)


def test_wrong_file(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="absent.toml"):
        load_card(str(tmp_path / "absent.toml"))
    with pytest.raises(MaterialError, match="holds no material card"):
        load_cards(write(tmp_path, "# empty\n"))


def test_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="'ti6al4v'.*ti6al4v_eli"):
        load_card("ti6al4v")
    with pytest.raises(MaterialError, match="'zzz'.*known are.*peek"):
        load_card("zzz")
    path = write(tmp_path, CARD)
    with pytest.raises(MaterialError, match="my_aloy.*did you mean my_alloy"):
        load_card(f"{path}:my_aloy")
    write(tmp_path, CARD + CARD.replace("my_alloy", "other"))
    with pytest.raises(MaterialError, match=r"several cards \(my_alloy, other\)"):
        load_card(str(path))


def test_constants_not_given() -> None:
    with pytest.raises(MaterialError, match="'cortical_bone' gives no yield_strength"):
        load_card("cortical_bone").value("yield_strength")
    with pytest.raises(MaterialError, match="'yield'.*yield_strength"):
        load_card("peek").value("yield")


@pytest.mark.parametrize(
    ("value", "unit", "house"),
    [(2, "GPa", 2e3), (1, "g/cm^3", 1e-9), (5, "%", 0.05), (3, "1/ms", 3e3), (2, "kN", 2e3)],
)
def test_house_units(value: float, unit: str, house: float) -> None:
    assert Constant(value=value, unit=unit, source="test", verified=False).house == pytest.approx(house)


def test_constant_alone() -> None:
    constant = Constant(value=1.0, unit="in", source="ruler", verified=True)
    assert constant.to("mm") == constant.house == pytest.approx(25.4)
    with pytest.raises(ValueError, match="'1 in' is a length; a stress"):
        constant.to("MPa")
    with pytest.raises(ValueError, match="'inchh' is not a known unit"):
        Constant(value=1.0, unit="inchh", source="ruler", verified=True)
