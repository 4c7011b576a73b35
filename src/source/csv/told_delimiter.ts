/** What is said of the delimiter, by the definition or by the name of the file. */
import { extname } from "node:path";
import type { SourceRule } from "../../importer/source_rule.ts";

export function isDelimiterTold(rule: SourceRule): boolean {
  return rule.delimiter !== "auto" || rule.format === "tsv";
}

/** By its name. */
export function promisesTabs({ format }: SourceRule, name: string): boolean {
  const extension = extname(name).toLowerCase();
  return format === "auto" && (extension === ".tsv" || extension === ".tab");
}
