/** The files that an importer loads if nobody names others: for triggers and schedules. */
import { resolve } from "node:path";
import type { SourceRule } from "../../importer/source_rule.ts";

/** Null if it has none. `base`: where relative paths begin; null: where the program was started. */
export function ownSource(source: SourceRule, base: string | null): readonly string[] | null {
  if (source.url !== undefined) return [source.url];
  if (source.type !== "file" || source.path === null) return null;
  // A pattern or a folder, for several files, is only for whoever writes definitions.
  return [base === null ? source.path : resolve(base, source.path)];
}
