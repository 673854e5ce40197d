// A legend's mark as a little picture: SVG for shapes, a canvas for a sprite's icon.

const SVG = "http://www.w3.org/2000/svg";
const SIZE = { width: 36, height: 20 };
// Where a signed distance field has its edge, and how soft it is (alpha, of 255).
const SDF_EDGE = 191;
const SDF_SOFT = 22;

const svg = (tag, attributes) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  return node;
};

const SHAPES = {
  area: ({ colour, outline, opacity }) =>
    svg("rect", {
      x: 4,
      y: 2,
      width: 28,
      height: 16,
      rx: 3,
      fill: colour,
      stroke: outline,
      "fill-opacity": opacity,
    }),
  line: ({ colour, width, dashed, opacity }) =>
    svg("path", {
      d: "M3 14 C 12 14, 22 6, 33 6",
      fill: "none",
      stroke: colour,
      "stroke-width": width,
      "stroke-opacity": opacity,
      "stroke-dasharray": dashed ? "4 3" : null,
    }),
  dot: ({ colour, outline, radius }) =>
    svg("circle", { cx: 18, cy: 10, r: radius, fill: colour, stroke: outline }),
  text: ({ colour, halo }) => {
    const text = svg("text", {
      x: 18,
      y: 15,
      "text-anchor": "middle",
      "font-size": 14,
      fill: colour,
      stroke: halo,
      "stroke-width": 3,
      "paint-order": "stroke",
    });
    text.textContent = "Aa";
    return text;
  },
};

const picture = (marks) => {
  const node = svg("svg", { ...SIZE, viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "mark" });
  node.setAttribute("aria-hidden", "true");
  node.append(...marks.map((mark) => SHAPES[mark.shape](mark)));
  return node;
};

/** The alpha of a distance field's pixel as a drawn one. */
const sharpened = (alpha) =>
  Math.max(0, Math.min(1, (alpha - SDF_EDGE + SDF_SOFT) / (2 * SDF_SOFT))) * 255;

const painted = ({ data, sdf }, colour) => {
  const { width, height } = data;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const pixels = new ImageData(new Uint8ClampedArray(data.data), width, height);
  if (sdf)
    for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = sharpened(pixels.data[i]);
  context.putImageData(pixels, 0, 0);
  if (sdf) {
    context.globalCompositeOperation = "source-in";
    context.fillStyle = colour ?? "currentColor";
    context.fillRect(0, 0, width, height);
  }
  return canvas;
};

/** The sprite's image of that name, in `colour` if it is a distance field. */
const iconPicture = (image, colour) => {
  const { width, height } = image.data;
  const ratio = image.pixelRatio ?? 1;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height, className: "mark" });
  canvas.style.width = `${width / ratio}px`;
  canvas.setAttribute("aria-hidden", "true");
  canvas.getContext("2d").drawImage(painted(image, colour), 0, 0);
  return canvas;
};

/**
 * The marks of one entry, drawn over each other.
 *
 * @param {object[]} marks of legend.js, the lowest first
 * @param {function(string): object|undefined} imageOf a sprite's image by name
 */
export const drawMarks = (marks, imageOf) => {
  const icon = marks.find(({ shape, image }) => shape === "icon" && imageOf(image));
  if (icon) return iconPicture(imageOf(icon.image), icon.colour);
  return picture(marks.filter(({ shape }) => shape in SHAPES));
};
