// Where the map looks, as it stands in the address: `zoom/latitude/longitude`, degrees EPSG:4326.

// From so many zooms above its home a map has nothing of its own to show.
const FAR = 3;
// Tiles of the last zoom are scaled up; beyond so many zooms they have nothing more to tell.
const SCALED = 2;
// A map opens no nearer than this, however small its data are, and leaves a tenth free around them.
const NEAR = 14;
const FILLED = 0.8;
const TILE = 512;
const EVERYWHERE = { zoom: 1, latitude: 20, longitude: 0 };
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

/** What a map alone has: the bounds of its smallest source, since the others lie below. */
const ownBounds = (sources) => {
  const bounds = sources.map((source) => source.bounds).filter(Boolean);
  return bounds.sort((a, b) => area(a) - area(b))[0];
};

/** Degrees of latitude as a part of the square of Web Mercator, from its middle to the north. */
const northing = (degrees) => Math.asinh(Math.tan((degrees * Math.PI) / 180)) / (2 * Math.PI);

const latitudeOf = (part) => (Math.atan(Math.sinh(part * 2 * Math.PI)) * 180) / Math.PI;

/** The view that shows all of `bounds` in a map of `width` and `height` pixels. */
const viewOf = ([west, south, east, north], { width, height }) => {
  const [low, high] = [northing(south), northing(north)];
  const scale = Math.min((width * 360) / (east - west), height / (high - low));
  return {
    zoom: Math.min(NEAR, Math.max(0, Math.log2((FILLED * scale) / TILE))),
    latitude: latitudeOf((low + high) / 2),
    longitude: (west + east) / 2,
  };
};

/** The last zoom at which sources show anything; -Infinity if there are none. */
const lastZoom = (sources) => Math.max(...sources.map(({ maxzoom }) => (maxzoom ?? 22) + SCALED));

/** The last zoom at which a map of these sources shows a place; -Infinity if none lies there. */
export const reachAt = (place, sources) => {
  const there = sources.filter(({ bounds }) => !bounds || inside(place, bounds));
  return lastZoom(there);
};

/**
 * Where a map opens: by its own word, else on all that it alone has, else on the world.
 *
 * @param {{center?: number[], zoom?: number}} document a style
 * @param {Array<{bounds: number[]}>} sources of it
 * @param {{width: number, height: number}} size of the map in pixels
 */
export const openingOf = ({ center, zoom }, sources, size) => {
  const own = ownBounds(sources);
  const view = own ? viewOf(own, size) : EVERYWHERE;
  const [longitude, latitude] = center ?? [view.longitude, view.latitude];
  return { zoom: zoom ?? view.zoom, latitude, longitude };
};

/**
 * What to look at after a change of map: the same place if the new map shows it from here, else
 * its home; no nearer than its data bear.
 *
 * @param {object} position where the reader is
 * @param {Array<{bounds: number[], maxzoom: number}>} sources of the new map
 * @param {object} home where the new map opens
 */
export const keepOrGoHome = (position, sources, home) => {
  const own = ownBounds(sources);
  if (own && !inside(position, own)) return home;
  if (position.zoom < home.zoom - FAR) return home;
  const limit = sources.length > 0 ? lastZoom(sources) : Infinity;
  return { ...position, zoom: Math.min(position.zoom, limit) };
};
