/** What of a list of objects is no longer in it. */
import type { ReadKeys } from "./messages.ts";

/** A key that is read, and that none of the objects has any more; null if there is none. */
export function leftOut(before: unknown, after: unknown, reads: ReadKeys): string | null {
  const had = new Set<string>();
  collect(before, reads, "", had);
  if (had.size === 0) return null;
  const has = new Set<string>();
  collect(after, reads, "", has);
  return [...had].find((key) => !has.has(key)) ?? null;
}

function collect(value: unknown, reads: ReadKeys, path: string, found: Set<string>): void {
  if (Array.isArray(value)) { for (const each of value) collect(each, reads, path, found); }
  else if (typeof value === "object" && value !== null) {
    for (const [key, own] of Object.entries(value)) {
      const within = reads === true ? true : Object.hasOwn(reads, key) ? reads[key] : undefined;
      if (within === undefined || own === undefined) continue;
      const name = path === "" ? key : `${path}.${key}`;
      found.add(name);
      collect(own, within, name, found);
    }
  }
}
