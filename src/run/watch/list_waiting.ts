/** What lies in a watched folder. */
import { glob } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { FoundFile } from "../../ledger/watched/watched_files.ts";
import { answer } from "../../source/file/answer.ts";
import { byName } from "../../source/file/list_files.ts";
import { isUnfinished, markerOf, type WatchedFolder } from "./watched_folder.ts";

/** Something is wrong with the folder, or with a file in it. One line, for whoever looks after it. */
export class FolderProblem extends Error {
  override readonly name = "FolderProblem";
}

/** So many files are looked at, in the order of their names, where `part-2` comes before `part-10`; the others wait for the next look. */
const MOST = 1_000;
/** How many at the same time. */
const AT_ONCE = 16;
/** Milliseconds that a disk may take for one answer: it may be behind a network that is gone. */
const PATIENCE = 30_000;

export interface Waiting {
  /** With their size and time as they are now. Without those that lack their marker. */
  readonly files: readonly FoundFile[];
  /** How many there are, those that are not listed included. */
  readonly count: number;
}

/** `known`: names of files that are taken already. Throws FolderProblem. */
export async function listWaiting(
  folder: WatchedFolder,
  known: ReadonlySet<string>,
): Promise<Waiting> {
  const { root, path } = folder;
  await requireFolder(root, path);
  const names = (await inTime(path, namesIn(folder))).filter((name) => !known.has(name)).sort(
    byName,
  );
  const { ready } = folder;
  const all = new Set(names);
  const complete = ready === null ? names : await withMarkers(folder, ready, all);
  const files: FoundFile[] = [];
  let others = 0;
  for (let at = 0; at < Math.min(complete.length, MOST); at += AT_ONCE) {
    const some = complete.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((name) => look(folder, name)));
    files.push(...found.filter((file) => file !== null));
    others += found.filter((file) => file === null).length;
  }
  return { files, count: names.length - others };
}

export async function requireFolder(root: string, path: string): Promise<void> {
  try {
    const { isDirectory } = await inTime(path, Deno.stat(root));
    if (!isDirectory) throw new FolderProblem(`Cannot watch ${path}: ${root} is no folder.`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw problem(path, error);
    throw new FolderProblem(
      `Cannot watch ${path}: there is no folder ${root}. Create it, or correct source.path.`,
    );
  }
}

async function namesIn(folder: WatchedFolder): Promise<string[]> {
  const { root, pattern, path, doneFolder, failedFolder } = folder;
  const own = [doneFolder, failedFolder].map((name) => name + sep);
  const isMeant = (name: string) =>
    !isUnfinished(name) && !own.some((one) => join(root, name).startsWith(one));
  const names: string[] = [];
  try {
    // `*` and the like need no walk.
    if (pattern === "*") {
      for await (const entry of Deno.readDir(root)) if (!entry.isDirectory) names.push(entry.name);
    } else {
      // glob says nothing of a folder that it can't read.
      for await (const _ of Deno.readDir(root)) break;
      for await (const name of glob(pattern, { cwd: root })) {
        names.push(relative(root, join(root, name)).replaceAll(sep, "/"));
      }
    }
  } catch (error) {
    throw problem(path, error);
  }
  const { ready } = folder;
  // A marker may fit the pattern, too.
  const isMarker = (name: string) => ready !== null && fits(ready, name);
  return names.filter((name) => isMeant(name) && !isMarker(name));
}

function fits(ready: string, name: string): boolean {
  const [before, after] = ready.split("*");
  const last = name.slice(name.lastIndexOf("/") + 1);
  return last.length > before.length + after.length && last.startsWith(before) &&
    last.endsWith(after);
}

async function withMarkers(
  { root }: WatchedFolder,
  ready: string,
  names: ReadonlySet<string>,
): Promise<string[]> {
  const folders = new Set([...names].map((name) => name.slice(0, name.lastIndexOf("/") + 1)));
  const there = new Set<string>();
  for (const folder of folders) {
    for await (const { name } of Deno.readDir(join(root, folder))) there.add(folder + name);
  }
  return [...names].filter((name) => there.has(markerOf(ready, name)));
}

/** Null for what is no file, or is gone. */
async function look({ root, path }: WatchedFolder, name: string): Promise<FoundFile | null> {
  const state = await fileThere(join(root, name), path);
  return state && { name, ...state };
}

/** Size and time of a file; null if there is none. Throws FolderProblem. */
export async function fileThere(
  file: string,
  path: string,
): Promise<{ readonly size: number; readonly mtime: number | null } | null> {
  try {
    const { isFile, size, mtime } = await inTime(path, Deno.stat(file));
    return isFile ? { size, mtime: mtime?.getTime() ?? null } : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw problem(path, error);
  }
}

export function inTime<T>(path: string, asked: Promise<T>): Promise<T> {
  return answer(asked, PATIENCE, (seconds) =>
    new FolderProblem(
      `Cannot watch ${path}: its disk has not answered for ${seconds} seconds. Look after the disk.`,
    ));
}

export function problem(path: string, error: unknown): unknown {
  if (error instanceof FolderProblem || !(error instanceof Error)) return error;
  const reason = error instanceof Deno.errors.PermissionDenied
    ? "permission denied. Let this user read and change the folder"
    : error.message.replace(/\.$/u, "");
  return new FolderProblem(`Cannot watch ${path}: ${reason}.`, { cause: error });
}
