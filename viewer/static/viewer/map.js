// The one place that makes MapLibre maps: for the viewer, the embed page and the preview.
import {
  AttributionControl,
  GeolocateControl,
  Map,
  Marker,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { live } from "./live.js";

export { Marker };

/** The browser cannot draw: WebGL 2 is off or missing. */
export class NoWebGL extends Error {}

/**
 * A map in `container`, north up, without controls.
 *
 * @param {object} options MapLibre's own, of which `container` is needed
 * @param {object} place where things are: `localise` (public address to this page's), `worker`
 * @throws {NoWebGL}
 */
export const createMap = (options, { localise, worker }) => {
  if (worker) setWorkerUrl(new URL(worker, location.href).href);
  try {
    const map = new Map({
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      style: { version: 8, sources: {}, layers: [] },
      transformRequest: (url) => ({ url: localise(url) }),
      ...options,
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    return map;
  } catch (error) {
    throw new NoWebGL("WebGL 2 is not available", { cause: error });
  }
};

/** The size of a map's element in pixels. */
export const sizeOf = ({ clientWidth, clientHeight }) => ({
  width: clientWidth,
  height: clientHeight,
});

/** Zoom buttons without a compass: our maps look north. */
export const zoomButtons = () => new NavigationControl({ showCompass: false });

/** Whose data it is. `compact` folds it into a button, which the reader opens. */
export const attribution = (compact = undefined) => new AttributionControl({ compact });

/** A bar as long as so many metres or kilometres. */
const scale = () => new ScaleControl({ maxWidth: 120 });

const whereAmI = () =>
  window.isSecureContext && navigator.geolocation ? new GeolocateControl() : null;

/**
 * What a map for readers has around it: zoom buttons, a scale, whose data it is; with `locate` also
 * a button that goes to where the reader is, unless the browser would refuse.
 */
export const addControls = (map, { locate = false } = {}) => {
  map.addControl(zoomButtons(), "top-right");
  const control = locate ? whereAmI() : null;
  if (control) map.addControl(control, "top-right");
  map.addControl(attribution(), "bottom-right").addControl(scale(), "bottom-left");
};

/**
 * Keep the map's tiles up to date; gives `{stop}`. Tiles that fail are somebody else's to ask for.
 *
 * @param {object} place where things are: `localise`, and `server`, what its public addresses begin with
 * @param {(seconds: number|null) => void} onAge told how old what is drawn may be
 */
export const followChanges = (map, { localise, server }, onAge) =>
  live(map, { server, onAge, get: (url, how) => fetch(localise(url), how), mend: false });

/**
 * Ask again for tiles that failed: `[{sourceId, tile: {z, x, y}}]`. False if it is not tiles alone
 * that are missing, and the whole style has to be set again.
 */
export const reloadTiles = (map, missing) => {
  if (missing.length === 0 || !missing.every(({ tile }) => tile)) return false;
  // By tile: without, MapLibre 6 waits for ever for tiles that have failed.
  for (const { sourceId, tile } of missing) map.refreshTiles(sourceId, [tile]);
  return true;
};
