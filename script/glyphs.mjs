// Makes build/glyphs/<font>/<start>-<end>.pbf: the signed-distance glyphs that MapLibre draws text with.
//
// Each of our three fonts is Noto Sans plus, for scripts it lacks, the Noto face of that script, so
// that one font name covers every name on the map. A glyph comes from the first face that has it.
// Chinese, Japanese and Korean are not here (thousands of glyphs): MapLibre GL JS draws them with a
// font of the reader's machine. All 256 ranges are written, empty ones too, because MapLibre Native
// throws on a missing range.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import fontnik from "fontnik";
import { digest, isCurrent, markCurrent } from "./made_from.mjs";

const FONT_DIR = process.env.NOTO_FONT_DIR ?? "/usr/share/fonts/truetype/noto";
const BUILD_DIR = process.env.BUILD_DIR ?? "build";
const OUTPUT = join(BUILD_DIR, "glyphs");
const RANGE = 256;
const LAST_CODE_POINT = 0xffff;
const NOTO_SANS_ASCENDER = 1.069; // em

const FONTS = {
  "Noto Sans Regular": { base: "NotoSans-Regular", weight: "Regular" },
  "Noto Sans Bold": { base: "NotoSans-Bold", weight: "Bold" },
  // The script faces have no italics: upright letters are better than none.
  "Noto Sans Italic": { base: "NotoSans-Italic", weight: "Regular" },
};

// Living scripts, most read first. Symbols last: they must not win over a script's own punctuation.
const SCRIPTS = `
  Sans:Arabic Sans:Hebrew Sans:Devanagari Sans:Bengali Sans:Tamil Sans:Telugu Sans:Gujarati
  Sans:Kannada Sans:Malayalam Sans:Oriya Sans:Gurmukhi Sans:Sinhala Sans:Thai Sans:Lao Sans:Khmer
  Sans:Myanmar Sans:Georgian Sans:Armenian Sans:Ethiopic Serif:Tibetan Sans:Thaana Sans:Syriac
  Sans:Mongolian Sans:Tifinagh Sans:NKo Sans:Cherokee Sans:CanadianAboriginal Sans:Javanese
  Sans:Balinese Sans:Sundanese Sans:Yi Sans:Vai Sans:OlChiki Sans:MeeteiMayek Sans:Lisu
  Sans:TaiLe Sans:NewTaiLue Sans:Symbols Sans:Symbols2 Sans:Math
`
  .trim()
  .split(/\s+/);

const load = promisify(fontnik.load);
const range = promisify(fontnik.range);
const composite = promisify(fontnik.composite);

function facePath(kind, script, weight) {
  const named = (w) => join(FONT_DIR, `Noto${kind}${script}-${w}.ttf`);
  return existsSync(named(weight)) ? named(weight) : named("Regular");
}

function facePaths({ base, weight }) {
  const scripts = SCRIPTS.map((entry) => facePath(...entry.split(":"), weight));
  return [join(FONT_DIR, `${base}.ttf`), ...scripts];
}

function checkFonts() {
  const missing = Object.values(FONTS)
    .flatMap(facePaths)
    .filter((path) => !existsSync(path));
  if (missing.length) {
    console.error(
      `glyphs: ${missing[0]} is missing. Install the package fonts-noto-core, ` +
        "or set NOTO_FONT_DIR to the folder of the Noto TTF files.",
    );
    process.exit(1);
  }
}

function tableOffset(font, wanted) {
  for (let record = 12; record < 12 + 16 * font.readUInt16BE(4); record += 16) {
    if (font.toString("latin1", record, record + 4) === wanted)
      return font.readUInt32BE(record + 8);
  }
  throw new Error(`no ${wanted} table in a font`);
}

// fontnik measures a glyph's height from its face's ascender, and the ascenders of the Noto faces
// differ (Arabic 1.374 em, Sans 1.069 em): without one value for all, scripts leave the baseline.
function withAscender(font, ascender) {
  const unitsPerEm = font.readUInt16BE(tableOffset(font, "head") + 18);
  font.writeInt16BE(Math.round(ascender * unitsPerEm), tableOffset(font, "hhea") + 4);
  return font;
}

// Faces with the code points that only they contribute, so that no glyph is drawn twice.
async function readFaces(font) {
  const taken = new Set();
  const faces = [];
  for (const path of facePaths(font)) {
    const data = withAscender(readFileSync(path), NOTO_SANS_ASCENDER);
    const points = (await load(data)).flatMap((face) => face.points ?? []);
    const fresh = points.filter((point) => point <= LAST_CODE_POINT && !taken.has(point));
    fresh.forEach((point) => taken.add(point));
    faces.push({ data, starts: new Set(fresh.map((point) => point - (point % RANGE))) });
  }
  return faces;
}

// A message with one stack and no glyphs: field 1 { field 1: name, field 2: range }.
function emptyRange(name, start) {
  const field = (tag, text) => Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)]);
  const stack = Buffer.concat([field(0x0a, name), field(0x12, `${start}-${start + RANGE - 1}`)]);
  return Buffer.concat([Buffer.from([0x0a, stack.length]), stack]);
}

async function drawRange(name, faces, start) {
  const holders = faces.filter((face) => face.starts.has(start));
  if (!holders.length) return emptyRange(name, start);
  const end = start + RANGE - 1;
  const parts = await Promise.all(holders.map((face) => range({ font: face.data, start, end })));
  return parts.length === 1 ? parts[0] : composite(parts);
}

async function drawFont(name, font, folder) {
  mkdirSync(join(folder, name), { recursive: true });
  const faces = await readFaces(font);
  const starts = Array.from({ length: 256 }, (_, index) => index * RANGE);
  await Promise.all(
    starts.map(async (start) => {
      const glyphs = await drawRange(name, faces, start);
      writeFileSync(join(folder, name, `${start}-${start + RANGE - 1}.pbf`), glyphs);
    }),
  );
}

async function main() {
  checkFonts();
  const sources = new Set(Object.values(FONTS).flatMap(facePaths));
  const wanted = digest([new URL(import.meta.url), ...sources]);
  if (isCurrent(OUTPUT, wanted)) {
    console.log("glyphs: up to date");
    return;
  }
  const started = Date.now();
  const draft = `${OUTPUT}.new`;
  rmSync(draft, { recursive: true, force: true });
  for (const [name, font] of Object.entries(FONTS)) await drawFont(name, font, draft);
  markCurrent(draft, wanted);
  rmSync(OUTPUT, { recursive: true, force: true });
  renameSync(draft, OUTPUT);
  console.log(
    `glyphs: ${Object.keys(FONTS).length} fonts in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
}

await main();
