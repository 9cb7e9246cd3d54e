"""Devices with any parameters, for property-based tests."""

from __future__ import annotations

from hypothesis import strategies as st

from devices.parameters import bounds, facts


@st.composite
def settings_of(draw, device):
    """Any set of parameters within the bounds; what may be left out at 0 is left out half of the time."""
    values = {}
    for name, field in device.model_fields.items():
        limits, options = bounds(field), facts(field).get("options")
        if field.annotation is str:
            if options:
                values[name] = draw(st.sampled_from(options))
        elif field.annotation is int:
            values[name] = draw(st.integers(int(limits[0]), int(limits[1])))
        elif limits[0] == 0.0 and draw(st.booleans()):
            values[name] = 0.0
        else:
            values[name] = draw(st.floats(max(limits[0], limits[1] / 4 if limits[0] == 0.0 else 0.0), limits[1]))
    return values
