// What others paste to use a map: everything is text here, the dialog shows and copies it.

const attribute = (text) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** HTML for a page that frames the embed page. */
export const iframeSnippet = (url, title) =>
  [
    `<iframe src="${attribute(url)}" title="${attribute(title)}"`,
    `  width="100%" height="420" style="border: 0" loading="lazy" allowfullscreen></iframe>`,
  ].join("\n");

/** A module for a page that has maplibre-gl from npm: a map that follows the database. */
export const mapLibreSnippet = (styleUrl, liveUrl, { zoom, latitude, longitude }) =>
  [
    `import { Map } from "maplibre-gl";`,
    `import "maplibre-gl/dist/maplibre-gl.css";`,
    `import { live } from ${JSON.stringify(liveUrl)};`,
    ``,
    `const map = new Map({`,
    `  container: "map",`,
    `  style: ${JSON.stringify(styleUrl)},`,
    `  center: [${longitude.toFixed(5)}, ${latitude.toFixed(5)}],`,
    `  zoom: ${Number(zoom.toFixed(2))},`,
    `});`,
    `live(map, { control: "bottom-left" });`,
  ].join("\n");

// The style in words that QGIS's converter understands.
export const forQgis = (style) => {
  const address = new URL(style);
  address.searchParams.set("for", "qgis");
  return address.href;
};
