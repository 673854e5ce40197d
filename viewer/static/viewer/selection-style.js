// How the feature that a reader looks at is drawn: an outline, a line or a ring over everything.

const PREFIX = "graticule-selection";
const COLOUR = "#e5484d";

const AREAS = ["Polygon", "MultiPolygon"];
const LINES = ["LineString", "MultiLineString"];
const POINTS = ["Point", "MultiPoint"];

const LOOKS = [
  ["area", "fill", AREAS, { "fill-color": COLOUR, "fill-opacity": 0.15 }],
  ["line", "line", [...AREAS, ...LINES], { "line-color": COLOUR, "line-width": 2.5 }],
  [
    "point",
    "circle",
    POINTS,
    {
      "circle-color": "transparent",
      "circle-radius": 9,
      "circle-stroke-color": COLOUR,
      "circle-stroke-width": 2.5,
    },
  ],
];

const layersFor = (place, condition) =>
  LOOKS.map(([name, type, geometries, paint]) => ({
    id: `${PREFIX}-${name}`,
    type,
    ...place,
    filter: ["all", condition, ["match", ["geometry-type"], geometries, true, false]],
    paint,
  }));

/** A feature with an id is drawn from its own source: what was found may be cut at a tile's edge. */
const fromItsSource = (document, { id, source, sourceLayer }) => {
  const place = { source, ...(sourceLayer && { "source-layer": sourceLayer }) };
  return { ...document, layers: [...document.layers, ...layersFor(place, ["==", ["id"], id])] };
};

const fromItsGeometry = (document, { geometry }) => ({
  ...document,
  sources: {
    ...document.sources,
    [PREFIX]: { type: "geojson", data: { type: "Feature", properties: {}, geometry } },
  },
  layers: [...document.layers, ...layersFor({ source: PREFIX }, true)],
});

/** The style with `feature`, as MapLibre found it, marked on top; null marks nothing. */
export const withSelection = (document, feature) => {
  if (!feature) return document;
  const known = feature.id !== undefined && feature.source in document.sources;
  return known ? fromItsSource(document, feature) : fromItsGeometry(document, feature);
};

/** True for the layers that `withSelection` adds: no data of the map's. */
export const isSelection = (styleLayer) => styleLayer.id.startsWith(PREFIX);
