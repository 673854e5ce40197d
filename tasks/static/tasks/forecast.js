// Forms of runs and schedules: how many tiles, while the form is being filled in.
const PAUSE_MS = 300;
// Without an area it is where there is data.
const AREA = ["west", "south", "east", "north"];
const NEEDED = ["resource", "min_zoom", "max_zoom"];
const line = document.querySelector("[data-forecast]");
const form = line?.closest("form");
let waiting;

const sentence = (answer) => {
  if (answer.error) {
    return answer.error;
  }
  const zooms = answer.zooms.map(([zoom, count]) => `z${zoom}: ${count.toLocaleString("en")}`);
  const fit = answer.fits ? "" : " That is more than one run holds.";
  const left = answer.left_out ? " It has no tiles at the other zooms: they are left out." : "";
  return `${answer.total.toLocaleString("en")} tiles (${zooms.join(", ")}).${fit}${left}`;
};

const forecast = async () => {
  const value = (name) => form.elements[name]?.value ?? "";
  if (NEEDED.some((name) => value(name) === "")) {
    return;
  }
  const values = [...NEEDED, ...AREA].map((name) => [name, value(name)]);
  const response = await fetch(`${line.dataset.forecast}?${new URLSearchParams(values)}`);
  line.textContent = sentence(await response.json());
};

if (form) {
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(forecast, PAUSE_MS);
  });
  forecast();
}
