// Style layers are called `group-kind-part` (`road-primary-casing`); people read "Roads", "Primary".

const GROUPS = {
  admin: "Boundaries",
  aeroway: "Airports",
  area: "Squares and parking",
  border: "Boundaries",
  boundary: "Boundaries",
  bridge: "Bridges",
  building: "Buildings",
  coast: "Coastline",
  country: "Country names",
  green: "Green areas",
  housenumber: "House numbers",
  label: "Names",
  land: "Land",
  landcover: "Land cover",
  landuse: "Land use",
  marine: "Seas and oceans",
  place: "Places",
  poi: "Points of interest",
  province: "Province names",
  rail: "Railways",
  railway: "Railways",
  road: "Roads",
  shield: "Road numbers",
  tunnel: "Tunnels",
  water: "Water",
  waterway: "Rivers and streams",
  world: "The world around",
};

const KINDS = {
  "3d": "In three dimensions",
  claim: "Claims",
  disputed: "Disputed",
  housenumber: "House numbers",
  oneway: "One-way arrows",
  tint: "Colour tint",
};

// How a layer is drawn, or from which zoom, is no kind of thing: `coast-line` has only a group.
const PART = /^(fill|line|label|icon|casing|outline|symbol|circle|\d+)$/;

/** "town_hall" and "town-hall" as "Town hall". */
export const humanise = (word) => {
  const spaced = String(word).replace(/[_-]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

/** A field's name for people: `name_kk` is "Name (kk)". */
export const fieldTitle = (field) => {
  const [, language] = /^name[_:]([a-z]{2,3})$/.exec(field) ?? [];
  return language ? `Name (${language})` : humanise(field);
};

/** The group and the kind that a layer id names; a layer without a kind is its group's only one. */
export const partsOf = (id) => {
  const [group, kind = "", ...rest] = id.split("-");
  if (PART.test(kind)) return { group, kind: "", part: [kind, ...rest].join("-") };
  return { group, kind, part: rest.join("-") };
};

/** The group's name for people. */
export const groupTitle = (group) => GROUPS[group] ?? humanise(group);

/** The kind's name for people; layers of no kind go by the name of their group. */
export const kindTitle = (group, kind) =>
  kind === "" ? groupTitle(group) : (KINDS[kind] ?? humanise(kind));
