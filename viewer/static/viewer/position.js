// Where the map looks, as it stands in the address: `zoom/latitude/longitude`, degrees EPSG:4326.

// From so many zooms above its home a map has nothing of its own to show.
const FAR = 3;
const LIMITS = { zoom: [0, 24], latitude: [-90, 90], longitude: [-540, 540] };

/** Decimals that tell two screen pixels apart at this zoom. */
const decimals = (zoom) => Math.max(0, Math.ceil((zoom * Math.LN2 + 1.05) / Math.LN10));

/** Three texts as a position; null when one is not a number, or out of range. */
export const parsePosition = (zoom, latitude, longitude) => {
  const texts = { zoom, latitude, longitude };
  const position = {};
  for (const [name, [low, high]] of Object.entries(LIMITS)) {
    const value = Number.parseFloat(texts[name]);
    if (!(value >= low && value <= high)) return null;
    position[name] = value;
  }
  return position;
};

/** `zoom/latitude/longitude`, no longer than it needs to be. */
export const formatPosition = ({ zoom, latitude, longitude }) => {
  const digits = decimals(zoom);
  return [
    Number(zoom.toFixed(2)),
    Number(latitude.toFixed(digits)),
    Number(longitude.toFixed(digits)),
  ].join("/");
};

const inside = ({ latitude, longitude }, [west, south, east, north]) =>
  longitude >= west && longitude <= east && latitude >= south && latitude <= north;

const area = ([west, south, east, north]) => (east - west) * (north - south);

/**
 * What to look at after a change of map: the same place if the new map shows it from here, else
 * its home; no nearer than its data bear. A map's own part is its smallest source: the others lie below.
 *
 * @param {object} position where the reader is
 * @param {Array<{bounds: number[], maxzoom: number}>} sources of the new map
 * @param {object} home where the new map opens
 */
export const keepOrGoHome = (position, sources, home) => {
  const bounds = sources.map((source) => source.bounds).filter(Boolean);
  const [own] = bounds.sort((a, b) => area(a) - area(b));
  if (own && !inside(position, own)) return home;
  if (position.zoom < home.zoom - FAR) return home;
  const deepest = sources.map((source) => (source.maxzoom ?? 22) + 2);
  const limit = deepest.length > 0 ? Math.max(...deepest) : Infinity;
  return { ...position, zoom: Math.min(position.zoom, limit) };
};
