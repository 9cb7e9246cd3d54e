// Puts up the views of a page; where that cannot be done, says why and leaves the pictures as they stand.

function missing() {
  if (typeof DecompressionStream === "undefined") return "this browser cannot unpack it (no DecompressionStream)";
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return "this browser has no WebGL 2";
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return "";
}

function refuse(root, why) {
  root.querySelector(".live").hidden = true;
  const line = root.querySelector(".why");
  line.textContent = `There is no view to be turned here: ${why}. The pictures show the same.`;
  line.hidden = false;
  pictures().forEach(folded => { folded.open = true; });
}

const pictures = () => [...document.querySelectorAll("details.stills")];
const views = [];  // those of this page; what drives it from outside finds them as benchtwinViews
window.benchtwinViews = views;

const why = missing();
for (const root of document.querySelectorAll(".viewer")) {
  if (why) {
    refuse(root, why);
    continue;
  }
  root.querySelector(".live").hidden = false;
  pictures().forEach(folded => { folded.open = false; });
  // Unpacked when it comes near: a reader of the tables does not wait for it.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(entry => entry.isIntersecting)) return;
    observer.disconnect();
    Group.of(root).then(group => { views.push(group); root.dataset.ready = ""; }, error => refuse(root, error.message));
  }, { rootMargin: "600px" }).observe(root);
}

// Paper has the pictures instead.
let folded = [];
addEventListener("beforeprint", () => {
  folded = pictures().filter(one => !one.open);
  folded.forEach(one => { one.open = true; });
});
addEventListener("afterprint", () => folded.forEach(one => { one.open = false; }));
