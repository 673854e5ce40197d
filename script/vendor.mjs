// Copies the browser files of npm packages to build/vendor/, where Django's static files find
// them under /static/vendor/. Nothing is bundled or transpiled.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILD = process.env.BUILD_DIR ?? join(ROOT, "build");

/** Source maps stay behind: a name that is not there makes the manifest storage fail. */
const withoutMap = (text) => text.replace(/^\/[/*]# sourceMappingURL=.*$/gm, "").trimEnd() + "\n";

/** Backbone comes as UMD only: give it the CommonJS names it looks for, and one default export. */
const asModule = (text) => `import _ from "../underscore/underscore.js";

const exports = {};
const require = (name) => {
  if (name === "underscore") return _;
  throw new Error(\`\${name} is not here\`);
};
${text}
export default exports;
`;

const FILES = [
  ["maplibre-gl/dist/maplibre-gl.mjs", "maplibre-gl/maplibre-gl.mjs", withoutMap],
  ["maplibre-gl/dist/maplibre-gl-worker.mjs", "maplibre-gl/maplibre-gl-worker.mjs", withoutMap],
  ["maplibre-gl/dist/maplibre-gl.css", "maplibre-gl/maplibre-gl.css", withoutMap],
  ["maplibre-gl/LICENSE.txt", "maplibre-gl/LICENSE.txt", String],
  ["underscore/underscore-esm.js", "underscore/underscore.js", withoutMap],
  ["underscore/LICENSE", "underscore/LICENSE", String],
  ["backbone/backbone.js", "backbone/backbone.js", (text) => asModule(withoutMap(text))],
  ["backbone/LICENSE", "backbone/LICENSE", String],
];

for (const [from, to, change] of FILES) {
  const target = join(BUILD, "vendor", to);
  await mkdir(dirname(target), { recursive: true });
  const text = await readFile(join(ROOT, "node_modules", from), "utf-8");
  await writeFile(target, change(text));
}
console.log(`vendor: ${FILES.length} files`);
