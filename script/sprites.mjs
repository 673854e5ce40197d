// Makes build/sprites/: the icons of the Maki set (CC0) and our own in styles/icons, twice.
//
//   graticule        signed distances ("sdf"), so that one sheet serves light and dark styles:
//                    icon-color and icon-halo-color do the rest
//   graticule-plain  the same names drawn in grey, for readers that know no signed distances (QGIS)
//
// NAME.svg has one colour and becomes an SDF; NAME.color.svg is drawn as it is in both sheets (fill
// patterns). A stretchable icon says so in its <svg>: data-stretch-x="5,15" data-stretch-y="5,11"
// data-content="3,2,17,14", all in the icon's own pixels.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import { PNG } from "pngjs";
import { digest, isCurrent, markCurrent } from "./made_from.mjs";
import { distances, distanceImage } from "./sdf.mjs";

const OUTPUT = join(process.env.BUILD_DIR ?? "build", "sprites");
const SOURCES = ["../node_modules/@mapbox/maki/icons/", "../styles/icons/"];
const MARGIN = 3; // pixels around an SDF icon: room for its halo
const GAP = 1; // between icons of a sheet, so that none bleeds into its neighbour
const SHEET_WIDTH = 512;
const FINE = 12; // cells per pixel of the grid in which distances are measured
const PLAIN_GREY = 0x60;

function numbers(svg, attribute) {
  const found = svg.match(new RegExp(`${attribute}="([\\d.,\\s]+)"`));
  return found && found[1].split(",").map(Number);
}

function readIcon(file) {
  const svg = readFileSync(file, "utf8");
  const coloured = file.endsWith(".color.svg");
  const icon = { name: basename(file).replace(/(\.color)?\.svg$/, ""), coloured, svg };
  if (!coloured) icon.distances = distances(rasterise(svg, FINE), FINE, MARGIN);
  return icon;
}

// Ours come last and win over a Maki icon of the same name. "-JP" are Maki's Japanese variants.
function iconFiles() {
  return SOURCES.flatMap((source) => {
    const folder = fileURLToPath(new URL(source, import.meta.url));
    const files = readdirSync(folder).filter(
      (file) => file.endsWith(".svg") && !file.endsWith("-JP.svg"),
    );
    return files.sort().map((file) => join(folder, file));
  });
}

function readIcons(files) {
  const icons = new Map(files.map(readIcon).map((icon) => [icon.name, icon]));
  return [...icons.values()];
}

function rasterise(svg, scale) {
  return PNG.sync.read(
    new Resvg(svg, { fitTo: { mode: "zoom", value: scale }, font: { loadSystemFonts: false } })
      .render()
      .asPng(),
  );
}

function grey(image) {
  for (let i = 0; i < image.data.length; i += 4) image.data.fill(PLAIN_GREY, i, i + 3);
  return image;
}

const SHEETS = {
  graticule: (icon, ratio) =>
    icon.coloured
      ? { image: rasterise(icon.svg, ratio), margin: 0 }
      : { image: distanceImage(icon.distances, ratio), margin: MARGIN },
  "graticule-plain": (icon, ratio) => {
    const image = rasterise(icon.svg, ratio);
    return { image: icon.coloured ? image : grey(image), margin: 0 };
  },
};

// Rows of icons, tallest first: close to the best for icons of much the same size.
function place(drawn, sheetWidth) {
  const order = [...drawn].sort(
    (a, b) => b.image.height - a.image.height || (a.icon.name < b.icon.name ? -1 : 1),
  );
  let [x, y, rowHeight] = [0, 0, 0];
  for (const item of order) {
    const { width, height } = item.image;
    if (x + width > sheetWidth) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0];
    Object.assign(item, { x, y });
    x += width + GAP;
    rowHeight = Math.max(rowHeight, height);
  }
  return y + rowHeight;
}

function describe({ icon, image, margin, x, y }, ratio, sdf) {
  const entry = { x, y, width: image.width, height: image.height, pixelRatio: ratio };
  if (sdf && !icon.coloured) entry.sdf = true;
  const inSheet = (values) => values.map((value) => (value + margin) * ratio);
  const [stretchX, stretchY, content] = ["data-stretch-x", "data-stretch-y", "data-content"].map(
    (name) => numbers(icon.svg, name),
  );
  if (stretchX) entry.stretchX = [inSheet(stretchX)];
  if (stretchY) entry.stretchY = [inSheet(stretchY)];
  if (content) entry.content = inSheet(content);
  return entry;
}

function writeSheet(name, icons, ratio) {
  const drawn = icons.map((icon) => ({ icon, ...SHEETS[name](icon, ratio) }));
  const width = SHEET_WIDTH * ratio;
  const sheet = new PNG({ width, height: place(drawn, width) });
  for (const { image, x, y } of drawn)
    PNG.bitblt(image, sheet, 0, 0, image.width, image.height, x, y);
  drawn.sort((a, b) => (a.icon.name < b.icon.name ? -1 : 1));
  const index = Object.fromEntries(
    drawn.map((item) => [item.icon.name, describe(item, ratio, name === "graticule")]),
  );
  const file = join(OUTPUT, ratio === 1 ? name : `${name}@${ratio}x`);
  writeFileSync(`${file}.json`, `${JSON.stringify(index)}\n`);
  writeFileSync(`${file}.png`, PNG.sync.write(sheet, { deflateLevel: 9 }));
}

const files = iconFiles();
const here = ["./sprites.mjs", "./sdf.mjs"].map((file) => new URL(file, import.meta.url));
const wanted = digest([...here, ...files]);
if (isCurrent(OUTPUT, wanted)) {
  console.log("sprites: up to date");
} else {
  const started = Date.now();
  mkdirSync(OUTPUT, { recursive: true });
  const icons = readIcons(files);
  for (const name of Object.keys(SHEETS))
    for (const ratio of [1, 2]) writeSheet(name, icons, ratio);
  markCurrent(OUTPUT, wanted);
  console.log(`sprites: ${icons.length} icons in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
