/** Which files a run reads, if it is given patterns, folders or several names. */
import { glob } from "node:fs/promises";
import { basename, join, normalize } from "node:path";
import { readAnswer } from "../file/answer.ts";
import { SourceError } from "../error.ts";

/** More files than that in one run are taken for a mistake, such as a pattern for a whole disk. */
export const MAX_FILES = 100_000;

/**
 * The files that are meant, each once, in the order of their names, where `part-2` comes before
 * `part-10`. A name of a file means that file, whatever characters it has; a folder means the files
 * in it; and anything else is a pattern (`in/*.csv`, `in/**`). Hidden files are only taken if they
 * are named.
 *
 * Throws SourceError for what means no file.
 */
export async function listFiles(given: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const name of given) {
    const files = await filesOf(name);
    if (found.size + files.length > MAX_FILES) {
      throw new SourceError(
        `Cannot import ${name}: it means more than ${MAX_FILES} files. Import them in several runs.`,
      );
    }
    for (const file of files) {
      const known = normalize(file);
      if (!found.has(known)) found.set(known, file);
    }
  }
  return [...found.values()].sort(byName);
}

/** Can this only mean a pattern? */
export function isPattern(name: string): boolean {
  return /[*?[\]{}]/u.test(name);
}

async function filesOf(name: string): Promise<readonly string[]> {
  const kind = await kindOf(name);
  if (kind === "folder") {
    const files = await inFolder(name);
    if (files.length > 0) return files;
    throw new SourceError(`Cannot import ${name}: the folder has no files.`);
  }
  // Whoever opens a file that is not there says so.
  if (kind === "other" || !isPattern(name)) return [name];
  const files: string[] = [];
  for await (const path of glob(name)) {
    if (isHidden(path) || await kindOf(path) === "folder") continue;
    files.push(path);
    if (files.length > MAX_FILES) return files;
  }
  if (files.length > 0) return files;
  throw new SourceError(
    `Cannot import ${name}: no file has such a name. Check the pattern, and that it is in quotes.`,
  );
}

function isHidden(path: string): boolean {
  return basename(path).startsWith(".");
}

async function kindOf(path: string): Promise<"folder" | "other" | null> {
  try {
    const { isDirectory } = await readAnswer(path, Deno.stat(path));
    return isDirectory ? "folder" : "other";
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    // Whoever opens it says what else is wrong with it.
    return isMissing ? null : "other";
  }
}

async function inFolder(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (!isHidden(path) && await kindOf(path) === "other") files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new SourceError(
      `Cannot import ${folder}: permission denied. Make the folder readable for this user.`,
    );
  }
  return files;
}

/** Numbers in names count as numbers; otherwise as in `LC_ALL=C ls`. */
export function byName(one: string, other: string): number {
  const [ones, others] = [one, other].map((name) => name.split(/(\d+)/u));
  for (let i = 0; i < Math.min(ones.length, others.length); i++) {
    const [a, b] = [ones[i], others[i]];
    // Every second part is a number. It may be long, so that it is compared as text.
    const [x, y] = i % 2 === 1 ? [a, b].map((digits) => digits.replace(/^0+(?=\d)/u, "")) : [a, b];
    const isLonger = i % 2 === 1 ? x.length - y.length : 0;
    if (isLonger !== 0) return isLonger;
    if (x !== y) return x < y ? -1 : 1;
  }
  return ones.length - others.length || (one < other ? -1 : one === other ? 0 : 1);
}
