// One or several views of a page that share a state, a colour bar and controls.
class Group {
  static async of(root) {
    const group = new Group(), json = name => JSON.parse(root.querySelector(`script.${name}`).textContent);
    group.root = root;
    group.plan = json("group-plan");
    const { start } = group.plan;
    group.state = new State({ ...start });
    const figures = [...root.querySelectorAll(".one-view")];
    const meshes = await Promise.all([...root.querySelectorAll(".scene")].map(async scene => {
      const plan = JSON.parse(scene.querySelector(".scene-plan").textContent);
      return unpack(plan, await inflate(scene.querySelector(".scene-mesh").textContent));
    }));
    group.views = [];
    group.legend = new Legend(root, group);
    meshes.forEach((mesh, i) => group.views.push(new View(figures[i], mesh, group)));
    const { camera } = group.views[0];
    group.state.start.elevation = camera.elevation;
    group.state.elevation = camera.elevation;
    if (start.cut.axis >= 0) group.state.cut.above = camera.towards[start.cut.axis] < 0;
    group.state.listeners.push(some => {
      if ("choice" in some) group.legend.show();
      group.legend.explain();
      group.views.forEach(view => view.redraw());
    });
    group.legend.show();
    group.legend.explain();
    bind(root, group);
    group.views.forEach(listen);
    return group;
  }

  get choice() {
    return this.plan.choices.find(choice => choice.name === this.state.choice);
  }

  say(text) {
    this.root.querySelector(".status").textContent = text;
  }

  forget() {
    for (const view of this.views) {
      view.picked = null;
      view.redraw();
    }
    this.say("");
  }

  // Turn to the peak of the first run, from where it is seen, and say what the record has of all.
  showPeak() {
    const marked = this.views.filter(view => view.mark);
    if (!marked.length) return;
    const [{ mark, mesh, camera, factor }] = marked, { cut, zoom } = this.state;
    const away = cut.axis >= 0 && mark.place[cut.axis] >= cutHeight(mesh, cut) !== cut.above;
    this.state.change({
      ...camera.facing(mark.towards, plus(mark.place, mark.shift, factor)),
      zoom: Math.max(zoom, 5),
      cut: away ? { ...cut, above: !cut.above } : cut,
    });
    this.say(marked.map(view => {
      const { text, detail, place } = view.mark, at = placeWords(plus(place, view.mesh.centre));
      return `${view.title ?? this.choice.title}: ${text}, ${detail}, at ${at} mm`;
    }).join("; "));
  }
}
