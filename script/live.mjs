// Makes build/live/live.js, which is served at /live.js: viewer/static/viewer/live.js without its
// comments and with short names, less than 3,000 bytes of it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { minify } from "terser";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = join(process.env.BUILD_DIR ?? join(ROOT, "build"), "live");
const MOST_BYTES = 3000;

const source = await readFile(join(ROOT, "viewer/static/viewer/live.js"), "utf-8");
const { code } = await minify(source, { module: true, ecma: 2022, compress: { passes: 3 } });
const bytes = Buffer.byteLength(code);
if (bytes >= MOST_BYTES) throw new Error(`live.js has ${bytes} bytes, ${MOST_BYTES} are too many`);
await mkdir(OUTPUT, { recursive: true });
await writeFile(join(OUTPUT, "live.js"), code);
console.log(`live: ${bytes} bytes`);
