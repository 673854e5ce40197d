// How what a reader picked is drawn: an outline, a line or a ring over everything else.

const SOURCE = "graticule-selection";
const COLOUR = "#e5484d";

const layer = (id, type, geometries, paint) => ({
  id: `${SOURCE}-${id}`,
  type,
  source: SOURCE,
  filter: ["match", ["geometry-type"], geometries, true, false],
  paint,
});

const LAYERS = [
  layer("area", "fill", ["Polygon", "MultiPolygon"], {
    "fill-color": COLOUR,
    "fill-opacity": 0.15,
  }),
  layer("line", "line", ["Polygon", "MultiPolygon", "LineString", "MultiLineString"], {
    "line-color": COLOUR,
    "line-width": 2.5,
  }),
  layer("point", "circle", ["Point", "MultiPoint"], {
    "circle-color": "transparent",
    "circle-radius": 9,
    "circle-stroke-color": COLOUR,
    "circle-stroke-width": 2.5,
  }),
];

/** The style with `features` (GeoJSON) marked on top. */
export const withSelection = (document, features) => ({
  ...document,
  sources: {
    ...document.sources,
    [SOURCE]: { type: "geojson", data: { type: "FeatureCollection", features } },
  },
  layers: [...document.layers, ...LAYERS],
});

/** True for the layers that `withSelection` adds: no data of the map's. */
export const isSelection = (styleLayer) => styleLayer.source === SOURCE;
