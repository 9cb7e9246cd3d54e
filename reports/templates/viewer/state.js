// What is shown and from where. All views of a group share one state, which is what links them.
class State {
  constructor(start) {
    this.start = start;
    this.listeners = [];
    Object.assign(this, start);
  }

  change(some) {
    Object.assign(this, some);
    for (const listener of this.listeners) listener(some);
  }

  restoreCamera() {
    const { azimuth, elevation, zoom, pan } = this.start;
    this.change({ azimuth, elevation, zoom, pan });
  }
}
