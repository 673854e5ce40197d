// A style for a TileJSON that has none: every layer drawn, each in a colour of its own.

const SHAPES = {
  fill: { type: "Polygon", paint: (colour) => ({ "fill-color": colour, "fill-opacity": 0.25 }) },
  outline: { type: "Polygon", paint: (colour) => ({ "line-color": colour, "line-width": 1 }) },
  line: { type: "LineString", paint: (colour) => ({ "line-color": colour, "line-width": 1.5 }) },
  point: {
    type: "Point",
    paint: (colour) => ({
      "circle-color": colour,
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 2, 2, 14, 5],
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 1,
    }),
  },
};
const DRAWN_AS = { fill: "fill", outline: "line", line: "line", point: "circle" };

/** A hue for the n-th layer: steps of the golden angle stay apart however many there are. */
export const colourOf = (index, dark = false) =>
  `hsl(${Math.round(205 + index * 137.5) % 360}, ${dark ? "65%, 65%" : "60%, 42%"})`;

const styleLayer = (sourceLayer, shape, colour) => ({
  id: `${sourceLayer}-${shape}`,
  type: DRAWN_AS[shape],
  source: "preview",
  "source-layer": sourceLayer,
  filter: ["==", ["geometry-type"], SHAPES[shape].type],
  paint: SHAPES[shape].paint(colour),
});

/** Areas lie below lines, and lines below points, whatever the order of the layers. */
const layersOf = (names, dark) =>
  Object.keys(SHAPES).flatMap((shape) =>
    names.map((name, index) => styleLayer(name, shape, colourOf(index, dark))),
  );

/**
 * @param {string} url the TileJSON's address, as MapLibre shall ask for it
 * @param {object} tilejson the TileJSON 3.0.0 document
 * @param {boolean} dark draw on a dark ground
 */
export const autoStyle = (url, tilejson, dark = false) => ({
  version: 8,
  sources: { preview: { type: "vector", url } },
  layers: [
    {
      id: "background",
      type: "background",
      paint: { "background-color": dark ? "#1b2226" : "#f4f5f3" },
    },
    ...layersOf(
      (tilejson.vector_layers ?? []).map((layer) => layer.id),
      dark,
    ),
  ],
});
