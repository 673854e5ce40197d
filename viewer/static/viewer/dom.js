// Building elements without HTML strings: what comes from data can only become text.

const SVG = "http://www.w3.org/2000/svg";

/** An element; `true` sets an empty attribute, `false`, null and undefined leave it out. */
export const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
};

/** Set, or with false, null or undefined remove, each attribute. */
export const setAttributes = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
};

/** One of the page's icons (`#icon-…` in templates/viewer/icons.svg), hidden from readers. */
export const icon = (name) => {
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { class: "icon", "aria-hidden": "true" });
  svg.append(use);
  return svg;
};
