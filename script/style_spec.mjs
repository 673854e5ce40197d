// Copies the style specification's JSON reference to build/style-spec/: what styles are checked
// against where no Node runs the official validator.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const OUTPUT = join(process.env.BUILD_DIR ?? "build", "style-spec");
const REFERENCE = "@maplibre/maplibre-gl-style-spec/dist/latest.json";

mkdirSync(OUTPUT, { recursive: true });
const source = new URL(`../node_modules/${REFERENCE}`, import.meta.url);
copyFileSync(fileURLToPath(source), join(OUTPUT, "v8.json"));
console.log("style-spec: reference copied");
