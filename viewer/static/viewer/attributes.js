// What a click finds, made ready for people: one entry a feature, a title, rows of plain values.

const NAMES = ["name", "title", "label", "number", "ref"];
const KINDS = ["class", "kind", "type", "subclass", "category"];

/** One of each feature: MapLibre gives one for every style layer and every tile that draws it. */
export const distinct = (features) => {
  const seen = new Map();
  for (const feature of features) {
    const identity = feature.id ?? JSON.stringify(feature.properties);
    const key = [feature.source, feature.sourceLayer, identity].join("\u0000");
    if (!seen.has(key)) seen.set(key, feature);
  }
  return [...seen.values()];
};

const firstOf = (properties, names) =>
  names.map((name) => properties[name]).find((value) => value !== undefined && value !== "");

/** The feature's own name, in `lang` where it has one; undefined where it has none. */
export const nameOf = (properties, lang = "") => {
  const local = lang ? [`name:${lang}`, `name_${lang}`] : [];
  const found = firstOf(properties, [...local, ...NAMES]);
  return found === undefined ? undefined : String(found);
};

/** What has a name before what has none; otherwise in the order given, what lies on top first. */
export const namedFirst = (features) => {
  const named = ({ properties }) => nameOf(properties) !== undefined;
  return [...features].sort((a, b) => named(b) - named(a));
};

/** What sort of thing it is, in the data's own words; undefined where nothing says. */
export const kindOf = (properties) => {
  const found = firstOf(properties, KINDS);
  return found === undefined ? undefined : String(found);
};

/** Names and values as text, the name first, then in the order of the tile; empty ones left out. */
export const rowsOf = (properties) => {
  const rows = Object.entries(properties)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [name, String(value)]);
  return rows.sort(([a], [b]) => NAMES.includes(b) - NAMES.includes(a));
};
