/** Checks what a definition says of a folder whose files are loaded as they come. */
import { resolve } from "node:path";
import type { Problems } from "../problem.ts";
import { readAge } from "../read_options.ts";
import type { ParsedDefinition } from "../schema.ts";
import { A_PAUSE } from "../source_schema.ts";

type Source = NonNullable<ParsedDefinition["source"]>;

const KEYS = ["done", "failed", "ready", "settle"] as const;

/** Milliseconds. */
const SHORTEST = 1_000, LONGEST = 86_400_000;

export function checkFolder(source: Source, problems: Problems): void {
  const of = (key: string) => ["source", key];
  const { type, path, done, failed, ready, settle } = source;
  if (type !== "folder") {
    for (const key of KEYS) {
      if (source[key] === undefined) continue;
      problems.add(of(key), {
        found: `type ${type ?? "upload"}`,
        expected: "type: folder",
        sentence: "needs `type: folder`",
      });
    }
    return;
  }
  if (path === undefined) problems.missing(of("path"), "the files to take, such as in/*.csv");
  if (done === undefined) problems.missing(of("done"), "the folder for files that were loaded");
  if (failed === undefined) problems.missing(of("failed"), "the folder for files that failed");
  for (const key of ["done", "failed"] as const) {
    const folder = source[key];
    if (folder === undefined) continue;
    if (/[*?[\]{}]/u.test(folder)) problems.wrong(of(key), folder, "a folder, without a pattern");
    if (path !== undefined && resolve(folder) === resolve(folderOf(path))) {
      problems.wrong(of(key), folder, "another folder than the one that is watched");
    }
  }
  if (settle === undefined) return;
  if (ready !== undefined) {
    problems.wrong(of("settle"), settle, "no such time, because `ready` tells when to begin");
  }
  const pause = readAge(settle);
  if (pause === null || pause < SHORTEST || pause > LONGEST) {
    problems.wrong(of("settle"), settle, `${A_PAUSE}, from 1s to 1d`);
  }
}

/** The folder in which a pattern looks, or the path itself, if it is no pattern: `in` of `in/*.csv`. */
export function folderOf(path: string): string {
  const parts = path.split("/");
  const first = parts.findIndex((part) => /[*?[\]{}]/u.test(part));
  if (first === -1) return path;
  return parts.slice(0, first).join("/") || (path.startsWith("/") ? "/" : ".");
}
