// Style layers are called `group-kind-part` (`road-primary-casing`); people read "Roads", "Primary".

const GROUPS = {
  admin: "Boundaries",
  aeroway: "Airports",
  area: "Areas",
  border: "Boundaries",
  boundary: "Boundaries",
  building: "Buildings",
  country: "Countries",
  housenumber: "House numbers",
  land: "Land",
  landcover: "Land cover",
  landuse: "Land use",
  place: "Places",
  poi: "Points of interest",
  province: "Provinces",
  rail: "Railways",
  railway: "Railways",
  road: "Roads",
  water: "Water",
  waterway: "Rivers and streams",
};

const KINDS = {
  bridge: "Bridges",
  claim: "Claims",
  label: "Names",
  name: "Names",
  oneway: "One-way arrows",
  tint: "Colour tint",
  tunnel: "Tunnels",
};

/** "town_hall" and "town-hall" as "Town hall". */
export const humanise = (word) => {
  const spaced = String(word).replace(/[_-]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

/** The group and the kind that a layer id names; a layer without a kind is its group's only one. */
export const partsOf = (id) => {
  const [group, kind = "", ...rest] = id.split("-");
  return { group, kind, part: rest.join("-") };
};

/** The group's name for people. */
export const groupTitle = (group) => GROUPS[group] ?? humanise(group);

/** The kind's name for people; "All" where a group has layers without one. */
export const kindTitle = (kind) => (kind === "" ? "All" : (KINDS[kind] ?? humanise(kind)));
