// A legend made from the style and from what is on screen: MapLibre gives, with every rendered
// feature, the paint of its layer worked out for that feature.
import { groupTitle, humanise, kindTitle, partsOf } from "./naming.js";

const COLOURS = ["fill-color", "line-color", "circle-color", "text-color", "icon-color"];

/** The property that decides an expression's outcome, or null. */
const propertyIn = (expression) => {
  if (!Array.isArray(expression)) return null;
  if (expression[0] === "get" && typeof expression[1] === "string") return expression[1];
  return expression.map(propertyIn).find((found) => found !== null) ?? null;
};

/** The property by which a style layer tells classes apart: in its icon, else in its colour. */
export const classProperty = (layer) => {
  const icon = propertyIn(layer.layout?.["icon-image"]);
  const colours = COLOURS.map((name) => propertyIn(layer.paint?.[name]));
  return icon ?? colours.find((found) => found !== null) ?? null;
};

const colour = (value) => (value === undefined || value === null ? null : String(value));

const MARKS = {
  fill: (paint) => ({
    shape: "area",
    colour: colour(paint["fill-color"]),
    outline: colour(paint["fill-outline-color"]),
    opacity: paint["fill-opacity"] ?? 1,
  }),
  "fill-extrusion": (paint) => ({ shape: "area", colour: colour(paint["fill-extrusion-color"]) }),
  line: (paint) => ({
    shape: "line",
    colour: colour(paint["line-color"]),
    width: Math.min(9, Math.max(1, paint["line-width"] ?? 1)),
    dashed: paint["line-dasharray"] !== undefined,
    opacity: paint["line-opacity"] ?? 1,
  }),
  circle: (paint) => ({
    shape: "dot",
    colour: colour(paint["circle-color"]),
    outline: colour(paint["circle-stroke-color"]),
    radius: Math.min(7, Math.max(2, paint["circle-radius"] ?? 5)),
  }),
  symbol: (paint, layout) => {
    const image = layout?.["icon-image"];
    if (image)
      return { shape: "icon", image: image.name ?? image, colour: colour(paint["icon-color"]) };
    return {
      shape: "text",
      colour: colour(paint["text-color"]),
      halo: colour(paint["text-halo-color"]),
    };
  },
};

/** How one feature is drawn by its layer; null for what is not seen, or has no one look (rasters). */
export const markOf = ({ layer }) => {
  const mark = MARKS[layer.type]?.(layer.paint ?? {}, layer.layout) ?? null;
  return mark && (mark.opacity ?? 1) > 0.05 ? mark : null;
};

const titleOf = (group, kind, className) => {
  if (className === null) return kindTitle(group, kind);
  return kind === "" ? humanise(className) : `${kindTitle(group, kind)}: ${className}`;
};

/** The class that a feature is drawn as; a number names nothing that a reader could know. */
const classOf = (layer, properties) => {
  const value = properties[classProperty(layer)];
  return typeof value === "string" && value !== "" ? value : null;
};

/** One entry for each kind, or each class within a kind, with one mark for each style layer. */
const collect = (layers, features) => {
  const entries = new Map();
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  for (const feature of features) {
    const layer = byId.get(feature.layer.id);
    const mark = layer && markOf(feature);
    if (!mark) continue;
    const { group, kind } = partsOf(layer.id);
    const className = classOf(layer, feature.properties);
    const key = `${group}-${kind}-${className}`;
    if (!entries.has(key)) {
      entries.set(key, { group, title: titleOf(group, kind, className), marks: new Map() });
    }
    const { marks } = entries.get(key);
    if (!marks.has(layer.id)) marks.set(layer.id, mark);
  }
  return [...entries.values()];
};

/** Lower style layers come first, so that a casing is drawn below its fill. */
const ordered = (marks, layers) =>
  layers.filter((layer) => marks.has(layer.id)).map((layer) => marks.get(layer.id));

/** Entries that look alike are one line of the legend, under all their names. */
const merged = (entries) => {
  const alike = new Map();
  for (const { title, marks } of entries) {
    const look = JSON.stringify(marks);
    const entry = alike.get(look) ?? { titles: [], marks };
    if (!entry.titles.includes(title)) entry.titles.push(title);
    alike.set(look, entry);
  }
  return [...alike.values()].map(({ titles, marks }) => ({ title: titles.join(", "), marks }));
};

/**
 * @param {object[]} layers the style's
 * @param {object[]} features as `queryRenderedFeatures` gives them
 * @returns {Array<{title: string, entries: Array<{title: string, marks: object[]}>}>} top first
 */
export const legendOf = (layers, features) => {
  const found = collect(layers, features);
  const order = [...new Set([...layers].reverse().map((layer) => partsOf(layer.id).group))];
  return order
    .map((group) => ({
      title: groupTitle(group),
      entries: merged(
        found
          .filter((entry) => entry.group === group)
          .map((entry) => ({ ...entry, marks: ordered(entry.marks, layers) })),
      ),
    }))
    .filter(({ entries }) => entries.length > 0);
};
