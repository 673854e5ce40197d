// A build step is skipped when nothing that it reads has changed since it last ran.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = ".made-from";

/** A digest of the bytes of `files` (paths or file URLs), in the order given. */
export function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

export function isCurrent(folder, wanted) {
  const file = join(folder, NAME);
  return existsSync(file) && readFileSync(file, "utf8") === wanted;
}

export function markCurrent(folder, wanted) {
  writeFileSync(join(folder, NAME), wanted);
}
