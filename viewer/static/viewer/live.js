// Keeps the tiles of a MapLibre map true to the database: docs/howto/live-map-on-your-site.md.
// Others get it from /live.js, made smaller by script/live.mjs.
const HERE = new URL(".", import.meta.url).href;
const row = (latitude) => 0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / 2 / Math.PI;

/**
 * A test for tiles that an answer of the changes feed touches. A tile beyond the `maxzoom` of its
 * source is cut out of one there.
 */
export const touching = ({ boxes, tiles, buffer, minzoom }) => {
  const places = boxes.map(([w, s, e, n]) => [w / 360 + 0.5, row(n), e / 360 + 0.5, row(s)]);
  for (const [z, x, y] of tiles) places.push([x, y, x + 1, y + 1].map((n) => n / 2 ** z));
  return ({ z, x, y }, maxzoom) => {
    const up = Math.max(0, z - maxzoom);
    const side = (n, more) => ((n >> up) + more) / 2 ** (z - up);
    const [left, top] = [side(x, -buffer), side(y, -buffer)];
    const [right, bottom] = [side(x, 1 + buffer), side(y, 1 + buffer)];
    return (
      z >= minzoom &&
      places.some(([w, n, e, s]) => w <= right && e >= left && n <= bottom && s >= top)
    );
  };
};

/** An age in seconds, or null where it is not known, in words. */
export const words = (age) => {
  if (age === null) return "not verified";
  const [n, unit] = age < 120 ? [age, "s"] : age < 7200 ? [age / 60, "min"] : [age / 3600, "h"];
  return age < 5 ? "live" : `${Math.round(n)} ${unit} old`;
};

/**
 * Ask every `every` seconds what changed, and load those tiles again; gives `{stop}`.
 *
 * @param {object} options `server`: what the tile URLs of this server begin with; `onAge`: told
 *   how many seconds old the data on screen may be, null if that is not known; `control`: a corner
 *   of the map that shows it; `get`: used in place of `fetch`; `mend`: load failed tiles again
 */
export const live = (map, options = {}) => {
  const { server = HERE, every = 1, onAge, control, get = fetch, mend = true } = options;
  const feeds = {};
  const label = document.createElement("div");
  const element = { onAdd: () => label, onRemove: () => label.remove() };
  let stamp = 0;

  /** The tile managers of the style's sources; older versions call them caches. */
  const managers = () => map.style?.tileManagers ?? map.style?.sourceCaches ?? {};

  /** The feeds of the sources that the style has now. */
  const used = () => {
    for (const feed of Object.values(feeds)) feed.sources = [];
    for (const [id, manager] of Object.entries(managers())) {
      const source = manager.getSource();
      const url = source.tiles?.[0] ?? "";
      const [tileset] = /^[^?#]+(?=\/\{z\}\/)/.exec(url) ?? [];
      if (!tileset || !url.startsWith(server)) continue;
      feeds[tileset] ??= { sources: [], due: 0, fails: 0, whole: Date.now() };
      feeds[tileset].sources.push([id, manager]);
      // Rows may come to lie outside the bounds that the TileJSON had.
      if (source.tileBounds) {
        source.tileBounds = undefined;
        map.fire("move");
      }
    }
    return Object.entries(feeds).filter(([, { sources }]) => sources.length);
  };

  /** Load again the tiles that `hit` says. What is loaded stays on screen until then. */
  const refresh = (feed, hit) => {
    used();
    stamp += 1;
    for (const [id, manager] of feed.sources) {
      const source = manager.getSource();
      const unseen = manager._outOfViewCache ?? manager._cache;
      const isHit = (tile) => hit(tile, source.maxzoom);
      // MapLibre's workers remember by its address what they cut out of a tile.
      source.tiles = source.tiles.map((url) => `${url.split("#")[0]}#${stamp}`);
      const seen = manager.getIds().map((key) => manager.getTileByID(key));
      const ids = seen.filter(isHit).map(({ tileID }) => tileID.canonical);
      unseen?.filter((tile) => !isHit(tile));
      // By id even where it is all of them: else tiles that have failed are waited for, for ever.
      if (!unseen || !map.refreshTiles) source.setTiles(source.tiles);
      else if (ids.length) map.refreshTiles(id, ids);
    }
  };

  /** Twice: a server process may not know of the change yet, or a tile was on its way. */
  const change = (feed, hit) => {
    const again = () => timer && refresh(feed, hit);
    refresh(feed, hit);
    setTimeout(() => timer && (map.areTilesLoaded() ? again() : map.once("idle", again)), 1000);
  };

  const apply = (feed, answer, now) => {
    const { seq, epoch, verified, age, reload, boxes, tiles } = answer;
    if (answer.reset || (reload && now - feed.whole > reload * 1000)) {
      feed.whole = now;
      change(feed, () => true);
    } else if (boxes.length || tiles.length) {
      const touched = touching(answer);
      change(feed, ({ tileID }, maxzoom) => touched(tileID.canonical, maxzoom));
    }
    if (mend && Math.random() < 0.2) refresh(feed, ({ state }) => state === "errored");
    if (verified) feed.asOf = now - age * 1000;
    Object.assign(feed, { seq, epoch, fails: 0 });
  };

  const poll = async (tileset, feed) => {
    const now = Date.now();
    const { seq, epoch } = feed;
    const sinceOpen = Math.ceil(performance.now() / 1000) + 1;
    const query = epoch === undefined ? `ago=${sinceOpen}` : `since=${seq}&epoch=${epoch}`;
    let wait;
    feed.due = Infinity;
    try {
      const how = { cache: "no-cache", signal: AbortSignal.timeout(10000) };
      const response = await get(`${tileset}/changes?${query}`, how);
      if (!response.ok) throw response;
      const answer = await response.json();
      if (timer) apply(feed, answer, now);
      wait = Math.max(every, answer.poll);
    } catch (error) {
      const backOff = Math.min(60, 2 ** feed.fails++) * (0.5 + Math.random());
      wait = Math.max(backOff, Number(error.headers?.get("Retry-After")) || 0);
    }
    feed.due = now + wait * 1000 - 300;
  };

  const tick = () => {
    if (document.hidden) return;
    const now = Date.now();
    const all = used();
    for (const [tileset, feed] of all) if (feed.due <= now) poll(tileset, feed);
    const age = (now - Math.min(...all.map(([, { asOf }]) => asOf))) / 1000;
    const known = Number.isFinite(age) ? age : null;
    label.textContent = words(known);
    onAge?.(known);
  };

  let timer = setInterval(tick, every * 1000);
  const stop = () => {
    timer = clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
    if (control) map.removeControl(element);
  };
  document.addEventListener("visibilitychange", tick);
  map.on("remove", stop);
  label.className = "maplibregl-ctrl maplibregl-ctrl-attrib";
  if (control) map.addControl(element, control);
  tick();
  return { stop };
};
