"""The pull test of the examples, with elements that may be far larger at the edge of the foot."""

from pathlib import Path

import numpy as np

from geometry.mesh import SizeBox
from protocols.catalogue import PROTOCOLS

MyPullTest = PROTOCOLS.find(str(Path(__file__).parents[1] / "examples" / "my_pull_test.py")).cls


class UnevenPull(MyPullTest):
    """As in a stem, an even mesh of the largest size would be no mesh of the part."""

    def prepare(self, solid, size):
        low, high = solid.box()
        far = np.array([high[0] - 0.1 * (high[0] - low[0]), low[1], low[2]])
        return [SizeBox(tuple(far), tuple(high), factor=3.0, blend=1.0)]
