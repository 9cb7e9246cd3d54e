// The controls below the views, which are there without scripts too but hidden then.
function bind(root, group) {
  const { state } = group, part = name => root.querySelector(`[data-part="${name}"]`);
  const on = (name, event, act) => part(name)?.addEventListener(event, () => act(part(name)));
  on("choice", "change", select => state.change({ choice: select.value }));
  on("axis", "change", select => {
    const axis = Number(select.value);
    state.change({ cut: { ...state.cut, axis, above: axis >= 0 && group.views[0].camera.towards[axis] < 0 } });
  });
  on("place", "input", slider => state.change({ cut: { ...state.cut, place: Number(slider.value) } }));
  on("flip", "click", () => state.change({ cut: { ...state.cut, above: !state.cut.above } }));
  on("deformed", "change", box => state.change({ deformed: box.checked }));
  on("factor", "input", slider => state.change({ factor: Number(slider.value), deformed: true }));
  on("around", "change", box => state.change({ around: box.checked }));
  on("elements", "change", box => state.change({ elements: box.checked }));
  on("peak", "click", () => group.showPeak());
  on("reset", "click", () => state.restoreCamera());
  on("nearer", "click", () => state.change({ zoom: clamp(state.zoom * 1.25, 0.3, 200) }));
  on("farther", "click", () => state.change({ zoom: clamp(state.zoom / 1.25, 0.3, 200) }));

  const show = () => {
    part("choice").value = state.choice;
    part("axis").value = state.cut.axis;
    part("place").value = state.cut.place;
    for (const name of ["place", "flip"]) part(name).disabled = state.cut.axis < 0;
    part("height").value = state.cut.axis < 0 ? "" : heightOfCut(group);
    for (const name of ["deformed", "around", "elements"]) if (part(name)) part(name).checked = state[name];
    if (part("factor")) {
      part("factor").value = state.factor;
      part("times").value = `× ${Number(state.factor.toPrecision(3))}`;
    }
    part("peak").disabled = !group.views.some(view => view.mark);
  };
  state.listeners.push(show);
  show();
}

// In mm, or where the parts differ as a share of each.
function heightOfCut({ views, state: { cut } }) {
  const heights = new Set(views.map(({ mesh }) => `${fixed(cutHeight(mesh, cut) + mesh.centre[cut.axis], 1)} mm`));
  return heights.size === 1 ? [...heights][0] : `${Math.round(100 * cut.place)} %`;
}
