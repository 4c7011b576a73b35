/**
 * Parts of the format that this version doesn't support yet. They are refused, never ignored: half
 * an import is worse than none.
 */
import type { Path } from "../problem.ts";

const KEYS: readonly string[] = [];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "source.type": ["ftp"],
};

/** `parent`: the path of the mapping that contains the key. */
export function isUnsupportedKey(parent: Path, key: string): boolean {
  return parent.length === 0 && KEYS.includes(key);
}

export function isUnsupportedValue(path: Path, value: unknown): boolean {
  return typeof value === "string" && (VALUES[path.join(".")] ?? []).includes(value);
}
