"""The studies that faults are put into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studies.supervise import ROOT

ISHIGAMI = ROOT / "tests" / "ishigami.py"
FORMULA = Path(__file__).parent / "device" / "formula.py"
ANGLE = FORMULA.with_name("angle.py")
EXAMPLES = ROOT / "examples"


def ishigami(runs: int, name: str = "ishigami") -> str:
    """A Latin hypercube over Ishigami's function."""
    return f"""\
[study]
name = "{name}"
kind = "latin_hypercube"
device = "{ISHIGAMI}"
protocol = "{ISHIGAMI}"
runs = {runs}

[vary]
x1 = {{ low = -3, high = 3 }}
x2 = {{ low = -3, high = 3 }}
x3 = {{ low = -3, high = 3 }}
"""


def sums(name: str, x: Sequence[float], y: Sequence[float], pause: float = 0.0) -> str:
    """A grid over the sum of two numbers, each variant with a pause, s."""
    return f"""\
[study]
name = "{name}"
kind = "grid"
device = "{FORMULA}"
protocol = "{FORMULA}"

[fixed]
pause = {pause}

[vary]
x = {list(x)}
y = {list(y)}
"""


def mishaps(words: Sequence[str], minutes: float = 0.1) -> str:
    """One variant for each word, which says what goes wrong with it."""
    variants = "".join(
        f'\n[[variant]]\nlabel = "{k} {word}"\nmishap = "{word}"\nx = {k}\n' for k, word in enumerate(words, 1)
    )
    return f"""\
[study]
name = "mishaps"
kind = "list"
device = "{FORMULA}"
protocol = "{FORMULA}"
minutes = {minutes}
memory_GB = 0.6
{variants}"""


def brackets(
    variants: Sequence[dict[str, str]],
    device: Path = EXAMPLES / "my_bracket.py",
    accuracy: float = 0.3,
    start: str = "own",
) -> str:
    """Angle brackets pulled at the tip, on real meshes: the quickest of all real runs."""
    listed = "".join(
        "\n[[variant]]\n" + "".join(f'{name} = "{value}"\n' for name, value in variant.items()) for variant in variants
    )
    return f"""\
[study]
name = "brackets"
kind = "list"
device = "{device}"
protocol = "{EXAMPLES / "my_pull_test.py"}"
accuracy = {accuracy}
start = "{start}"

[fixed]
leg = "20 mm"
{listed}"""


def write(folder: Path, text: str, name: str = "study.toml") -> Path:
    """Write a study file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
