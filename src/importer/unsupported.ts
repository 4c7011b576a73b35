/**
 * Parts of the format that this version doesn't support yet. They are refused, never ignored: half
 * an import is worse than none.
 */
import type { Path } from "./problem.ts";

const KEYS: Readonly<Record<string, readonly string[]>> = {
  definition: ["many", "nested", "hooks"],
  column: ["when"],
};

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "source.type": ["ftp"],
  "options.transaction": ["atomic"],
};

/** `parent`: the path of the mapping that contains the key. */
export function isUnsupportedKey(parent: Path, key: string): boolean {
  const place = parent.length === 0
    ? "definition"
    : parent.length === 2 && parent[0] === "columns"
    ? "column"
    : null;
  return place !== null && KEYS[place].includes(key);
}

export function isUnsupportedValue(path: Path, value: unknown): boolean {
  return typeof value === "string" && (VALUES[path.join(".")] ?? []).includes(value);
}
