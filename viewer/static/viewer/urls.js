// URLs come from the server, as templates or inside documents; this module only fills them in.
// Documents carry the public address of the server. A page that was opened by another address
// (a tunnel, a test, an intranet name) asks that one instead.

/**
 * Fill the `{name}`s of a URL template; the values are percent-encoded.
 * Names without a value stay: `{z}/{x}/{y}` is MapLibre's to fill.
 */
export const expand = (template, values) =>
  template.replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? encodeURIComponent(values[name]) : whole,
  );

/** `url` with query parameters set; empty and missing values are left out. */
export const withQuery = (url, parameters) => {
  const [bare, fragment] = url.split("#", 2);
  const [path, query] = bare.split("?", 2);
  const search = new URLSearchParams(query);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === "" || value === null || value === undefined) search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return path + (text && `?${text}`) + (fragment === undefined ? "" : `#${fragment}`);
};

/** `url` without its query and fragment, to compare addresses by. */
export const withoutQuery = (url) => url.split(/[?#]/, 1)[0];

/**
 * A function that turns public addresses into addresses below `root`, where this page was found.
 *
 * @param {string} publicUrl PUBLIC_URL, for instance `https://town.example/maps`
 * @param {string} root the same place as this page sees it, for instance `http://10.0.0.5:8000/`
 */
export const localiser = (publicUrl, root) => {
  const prefix = publicUrl.replace(/\/+$/, "");
  const base = root.replace(/\/+$/, "");
  return (url) => {
    const rest = url.slice(prefix.length);
    return url.startsWith(prefix) && /^($|[/?#])/.test(rest) ? base + rest : url;
  };
};
