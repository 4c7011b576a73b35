/**
 * Moves files whose runs have ended out of the watched folder. Each step may be done again by whoever
 * comes next: where a file is going to be is written down before it is there.
 */
import { basename, dirname, join } from "node:path";
import {
  endFile,
  type FileState,
  type FileToMove,
  noteUnmoved,
  planMove,
} from "../../ledger/watched/watched_files.ts";
import type { WithLedger } from "../request/with_ledger.ts";
import { fileThere, FolderProblem, inTime, problem } from "./list_waiting.ts";
import { markerOf, type WatchedFolder } from "./watched_folder.ts";

export interface Mover {
  readonly withLedger: WithLedger;
  readonly host: string;
  /** Writes the failed rows of a run to a file, which it replaces. False: none of them is kept. */
  exportFailed(run: number, path: string): Promise<boolean>;
  onStep?(step: string): Promise<void> | void;
}

export type Moved =
  | { readonly as: "moved"; readonly to: string }
  /** `isNews`: it was not known before. */
  | { readonly as: "stays"; readonly message: string; readonly isNews: boolean }
  | { readonly as: "replaced" };

export async function moveFile(
  mover: Mover,
  folder: WatchedFolder,
  file: FileToMove,
): Promise<Moved> {
  const { withLedger, host } = mover;
  try {
    const path = join(folder.root, file.name);
    const goesTo = whereTo(file);
    const moved = await place(mover, folder, file, path, goesTo);
    await mover.onStep?.("end");
    await withLedger((ledger) =>
      endFile(ledger, file.id, moved, {
        host,
        message: moved === null
          ? "Another file of that name was put in its place before it could be moved."
          : file.message,
      })
    );
    return moved === null ? { as: "replaced" } : { as: "moved", to: moved };
  } catch (error) {
    if (!(error instanceof FolderProblem)) throw error;
    const { message } = error;
    const isNews = await withLedger((ledger) => noteUnmoved(ledger, file.id, message));
    return { as: "stays", message, isNews };
  }
}

/** Only a file of which every row is right is done. */
function whereTo({ status, failed, goes_to }: FileToMove): "done" | "failed" {
  return goes_to ?? (status === "completed" && !failed ? "done" : "failed");
}

/** Returns where the file is now; null if another one has its name. Throws FolderProblem. */
async function place(
  mover: Mover,
  folder: WatchedFolder,
  file: FileToMove,
  path: string,
  goesTo: "done" | "failed",
): Promise<string | null> {
  const into = goesTo === "done" ? folder.doneFolder : folder.failedFolder;
  const shown = goesTo === "done" ? folder.done : folder.failed;
  const there = await fileThere(path, folder.path);
  const planned = file.moved_to === null ? null : join(into, basename(file.moved_to));
  if (there === null) {
    const arrived = planned === null ? null : await fileThere(planned, folder.path);
    if (arrived !== null && isSame(arrived, file)) return file.moved_to;
    // A share that is not mounted looks like this, too. So the file counts as taken, should it be back.
    throw goneFrom(file, folder);
  }
  if (!isSame(there, file)) return null;
  await makeFolder(into, shown);
  const name = await reserve(mover, file, { into, shown, planned });
  const target = join(into, name);
  if (goesTo === "failed") await explain(mover, file, target, shown);
  await mover.onStep?.("move");
  if (folder.ready !== null) {
    // First: a marker that is left behind would stand for the next file of that name.
    await remove(join(folder.root, markerOf(folder.ready, file.name)), folder.path);
  }
  await move(path, target, file, { folder, shown });
  return join(shown, name);
}

function isSame(one: FileState, other: FileState): boolean {
  return one.size === other.size && one.mtime === other.mtime;
}

async function makeFolder(into: string, shown: string): Promise<void> {
  try {
    await inTime(shown, Deno.mkdir(into, { recursive: true }));
  } catch (error) {
    throw cannotMove(shown, error);
  }
}

/** A name that no file has: an empty file holds it until the file is there. */
async function reserve(
  { withLedger, onStep }: Mover,
  file: FileToMove,
  { into, shown, planned }: {
    readonly into: string;
    readonly shown: string;
    readonly planned: string | null;
  },
): Promise<string> {
  if (planned !== null) {
    const there = await fileThere(planned, shown);
    // What is there is ours: it is empty, or it is the file itself, copied from another disk.
    if (there !== null && (there.size === 0 || isSame(there, file))) return basename(planned);
  }
  for (let number = 1;; number++) {
    const name = numbered(basename(file.name), number);
    if (await fileThere(join(into, name), shown) !== null) continue;
    await withLedger((ledger) => planMove(ledger, file.id, join(shown, name)));
    await onStep?.("reserve");
    try {
      (await inTime(shown, Deno.open(join(into, name), { write: true, createNew: true }))).close();
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw cannotMove(shown, error);
    }
  }
}

/** `orders.csv`, `orders-2.csv`, `orders-2.csv.gz` */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const [, stem, extension] = /^(.+?)((?:\.[a-z0-9]{1,8})?\.(?:gz|zst|zip)|\.[^.]*)?$/iu.exec(
    name,
  )!;
  return `${stem}-${number}${extension ?? ""}`;
}

/** Writes beside the file what is wrong: its failed rows, or why there is no run. */
async function explain(
  mover: Mover,
  { run_id, status, failed, message }: FileToMove,
  target: string,
  shown: string,
): Promise<void> {
  try {
    const isWritten = run_id !== null && failed &&
      await mover.exportFailed(run_id, `${target}.errors.csv`);
    const why = status === null
      ? message ?? "Its run was deleted before the file was moved."
      : status === "completed" || status === "completed_with_errors"
      ? isWritten ? null : `Rows failed in run ${run_id}. See them: ingest errors ${run_id}`
      : `Run ${run_id} is ${status}. See why: ingest status ${run_id}`;
    if (why !== null) {
      await inTime(shown, Deno.writeTextFile(`${target}.errors.txt`, `${why}\n`));
    }
  } catch (error) {
    throw cannotMove(shown, error);
  }
}

async function move(
  path: string,
  target: string,
  file: FileToMove,
  { folder, shown }: { readonly folder: WatchedFolder; readonly shown: string },
): Promise<void> {
  try {
    await inTime(shown, Deno.rename(path, target));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      // Another process has moved it meanwhile, to where we meant or elsewhere.
      if (await isThere(target, file, shown)) return;
      await takeBack(target, shown);
      throw goneFrom(file, folder);
    }
    const isOtherDisk = error instanceof Error && "code" in error && error.code === "EXDEV";
    if (!isOtherDisk) throw cannotMove(shown, error);
    await copyAndRemove(path, target, file, { folder, shown });
  }
}

/** What holds the name of a file that isn't going to be there. */
async function takeBack(target: string, shown: string): Promise<void> {
  if ((await fileThere(target, shown))?.size !== 0) return;
  for (const path of [target, `${target}.errors.csv`, `${target}.errors.txt`]) {
    await remove(path, shown);
  }
}

function goneFrom({ name }: FileToMove, { path }: WatchedFolder): FolderProblem {
  return new FolderProblem(`Cannot move ${name} of ${path}: it isn't there any more.`);
}

async function isThere(target: string, file: FileState, shown: string): Promise<boolean> {
  const there = await fileThere(target, shown);
  return there !== null && isSame(there, file);
}

/** To another disk. */
async function copyAndRemove(
  path: string,
  target: string,
  file: FileToMove,
  { folder, shown }: { readonly folder: WatchedFolder; readonly shown: string },
): Promise<void> {
  const unfinished = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.part`);
  try {
    await Deno.copyFile(path, unfinished);
    // With the time of the original, so that whoever comes next knows it.
    if (file.mtime !== null) await Deno.utime(unfinished, new Date(), new Date(file.mtime));
    await Deno.rename(unfinished, target);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {/* it was not created, or has its name */});
    throw cannotMove(shown, error);
  }
  const there = await fileThere(path, folder.path);
  if (there !== null && isSame(there, file)) await remove(path, folder.path);
}

async function remove(path: string, shown: string): Promise<void> {
  try {
    await inTime(shown, Deno.remove(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw cannotMove(shown, error);
  }
}

function cannotMove(shown: string, error: unknown): unknown {
  if (error instanceof FolderProblem) return error;
  const isReadOnly = error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && "code" in error && error.code === "EROFS");
  if (!isReadOnly) return problem(shown, error);
  return new FolderProblem(
    `Cannot move files to ${shown}: permission denied. Let this user change both folders. ` +
      "Until then the files stay where they are, and are not loaded again.",
  );
}
