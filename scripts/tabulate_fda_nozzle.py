"""Station means and spreads of the FDA nozzle measurements: `python scripts/tabulate_fda_nozzle.py FOLDER`.

FOLDER holds the five `PIV_Sudden_Expansion_500_*.txt` of the public benchmark. Prints `protocols/fda_nozzle_data.py`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

STATIONS = (-88, -64, -48, -20, -8, 0, 8, 16, 24, 32, 60, 80)
FRACTIONS = np.linspace(0.0, 0.9, 10)
HEAD = '''"""Axial velocities measured in the FDA's benchmark nozzle, sudden expansion, throat Reynolds number 500.

Means and standard deviations over the data sets of the laboratories (243, 297, 468, 763, 999) as
`scripts/tabulate_fda_nozzle.py` finds them; at a radius both sides of a profile are averaged. Data: Hariharan et al.,
J. Biomech. Eng. 133, 2011, 041002, doi 10.1115/1.4003440; doi 10.17917/C78G69; FDA work, public domain.
"""

from __future__ import annotations
'''


def radius(z: float) -> float:
    """Inner radius of the nozzle at z, mm."""
    if z > 0 or z <= -62.685:
        return 6.0
    return 2.0 if z >= -40 else 2.0 + (-40 - z) * np.tan(np.radians(10))


def blocks(path: Path) -> dict[str, np.ndarray]:
    """The tables of a file by their headings."""
    lines, found = path.read_text().splitlines(), {}
    for k, line in enumerate(lines[:-1]):
        if line.startswith("plot-") and lines[k + 1].strip().isdigit():
            rows = lines[k + 2 : k + 2 + int(lines[k + 1])]
            found[re.sub(r"\s+", " ", line.strip())] = np.array([[float(x) for x in row.split()] for row in rows])
    return found


def main(folder: Path) -> None:
    sets = [blocks(path) for path in sorted(folder.glob("PIV_Sudden_Expansion_500_*.txt"))]
    print(HEAD)
    print("# z (mm): mean (m/s), standard deviation (m/s), number of sets")
    print("AXIS: dict[int, tuple[float, float, int]] = {")
    axis: dict[int, list[float]] = {}
    for data in sets:
        for z, u in _axis(data):
            axis.setdefault(round(1000 * z), []).append(float(u))
    for z, values in sorted(axis.items()):
        print(f"    {z}: ({np.mean(values):.4f}, {np.std(values, ddof=1):.4f}, {len(values)}),")
    print("}\n\n# z (mm): radius (mm), mean (m/s), standard deviation (m/s), number of sets")
    print("PROFILES: dict[int, tuple[tuple[float, float, float, int], ...]] = {")
    for z in STATIONS:
        print(f"    {z}: (")
        for r in FRACTIONS * radius(z):
            values = []
            for data in sets:
                rows = data.get(f"plot-profile-axial-velocity-at-z {z / 1000:.5f} 0")
                if rows is not None:
                    rows = rows[np.argsort(rows[:, 0])]
                    values.append(np.mean(np.interp([-r / 1000, r / 1000], rows[:, 0], rows[:, 1])))
            print(f"        ({r:.3f}, {np.mean(values):.4f}, {np.std(values, ddof=1):.4f}, {len(values)}),")
        print("    ),")
    print("}")


def _axis(data: dict[str, np.ndarray]) -> np.ndarray:
    return next(rows for name, rows in data.items() if name.startswith("plot-z-distribution-axial-velocity"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
