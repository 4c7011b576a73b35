/** Takes a file of a watched folder: copies it into storage, and makes a run of it, once. */
import { basename, join } from "node:path";
import type { Origin } from "../../importer/problem.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import {
  claimFile,
  type FoundFile,
  type HeldFile,
  keepFile,
  recordFileRun,
  refuseFile,
  releaseFile,
} from "../../ledger/watched/watched_files.ts";
import { HeaderMismatch } from "../../row/mismatch.ts";
import { SourceError, StorageError } from "../../source/error.ts";
import { createRunFor } from "../request/create.ts";
import type { WithLedger } from "../request/with_ledger.ts";
import { LoadedBefore } from "../request/once.ts";
import { discardFile, storeFile } from "../request/stored_file.ts";
import { FolderProblem, inTime } from "./list_waiting.ts";
import type { WatchedFolder } from "./watched_folder.ts";

export interface Taker {
  readonly withLedger: WithLedger;
  /** A UUID: this process. */
  readonly holder: string;
  readonly host: string;
  /** If aborted, nothing more is taken. */
  readonly signal: AbortSignal;
  storageFolder(): Promise<string>;
  /** Where copies are kept for all machines; null: in `storageFolder`. */
  bucketFolder?(): Promise<string | null>;
  /** For tests: called before each step. */
  onStep?(step: string): Promise<void> | void;
}

export type Taken =
  | { readonly as: "run"; readonly run: Run }
  | { readonly as: "refused"; readonly message: string; readonly goesTo: "done" | "failed" }
  /** Somebody else has it, it is gone, or it has changed: nothing to say. */
  | { readonly as: "left" };

const LEFT: Taken = { as: "left" };

/** Milliseconds between two signs that it is still being copied. */
const SIGN = 15_000;

/** Another process has the file now. */
class ClaimLost extends Error {}

/** Throws FolderProblem for a file that can't be read, and what `createRunFor` throws. */
export async function takeFile(
  taker: Taker,
  folder: WatchedFolder,
  origin: Origin,
  found: FoundFile,
): Promise<Taken> {
  const { withLedger, holder, host } = taker;
  const path = join(folder.root, found.name);
  if (!await canRead(path, folder, found)) return LEFT;
  await taker.onStep?.("claim");
  const held = await withLedger((ledger) =>
    claimFile(ledger, folder.importer, found, { holder, host })
  );
  if (held === null) return LEFT;
  const signs = setInterval(() => {
    // If that fails, so will the transaction that creates the run, or somebody else has the file.
    withLedger((ledger) => keepFile(ledger, held)).catch(() => {});
  }, SIGN);
  try {
    await taker.onStep?.("copy");
    return await load(taker, folder, origin, { found, held, path });
  } catch (error) {
    if (error instanceof ClaimLost) return LEFT;
    const isStopped = taker.signal.aborted && error === taker.signal.reason;
    await withLedger((ledger) => releaseFile(ledger, held)).catch(() => {
      // Then it counts as given up after a while.
    });
    if (isStopped) return LEFT;
    throw error;
  } finally {
    clearInterval(signs);
  }
}

/** False if it is gone. */
async function canRead(
  path: string,
  folder: WatchedFolder,
  { name }: FoundFile,
): Promise<boolean> {
  try {
    (await inTime(folder.path, Deno.open(path))).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (!(error instanceof Error)) throw error;
    const reason = error instanceof Deno.errors.PermissionDenied
      ? "permission denied. Let this user read it"
      : error.message;
    throw new FolderProblem(`Cannot read ${name} of ${folder.path}: ${reason}.`, { cause: error });
  }
}

interface Claimed {
  readonly found: FoundFile;
  readonly held: HeldFile;
  readonly path: string;
}

async function load(
  taker: Taker,
  folder: WatchedFolder,
  origin: Origin,
  { found, held, path }: Claimed,
): Promise<Taken> {
  const { withLedger } = taker;
  const leave = async () => {
    await withLedger((ledger) => releaseFile(ledger, held));
    return LEFT;
  };
  const before = await inTime(folder.path, Deno.stat(path)).catch(absent);
  if (before === null || !isSame(before, found)) return await leave();
  const stored = await store(path, found, taker).catch(absent);
  if (stored === null) return await leave();
  const after = await inTime(folder.path, Deno.stat(path)).catch(absent);
  // Somebody wrote to it, or put another one in its place, while it was read.
  if (after === null || !isSame(after, found) || after.ino !== before.ino) {
    await discardFile(stored);
    return await leave();
  }
  try {
    await taker.onStep?.("create");
    const { run } = await createRunFor(withLedger, {
      ...{ definition: folder.definition, origin, file: stored, user: null },
      ...{ spoolFolder: await taker.storageFolder(), detach: true, dryRun: false },
      storage: taker.bucketFolder,
      alongside: async (ledger, run) => {
        if (!await recordFileRun(ledger, held, run)) throw new ClaimLost();
        await taker.onStep?.("commit");
      },
    });
    return { as: "run", run };
  } catch (error) {
    const goesTo = error instanceof LoadedBefore ? "done" : error instanceof HeaderMismatch ||
        (error instanceof SourceError && !(error instanceof StorageError))
      ? "failed"
      : null;
    if (goesTo === null) throw error;
    const { message } = error as Error;
    await withLedger((ledger) => refuseFile(ledger, held, goesTo, message));
    return { as: "refused", message, goesTo };
  }
}

async function store(path: string, { name }: FoundFile, taker: Taker) {
  const folder = await taker.storageFolder();
  const file = await Deno.open(path);
  const { signal } = taker;
  const bytes = file.readable.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), {
    signal,
  });
  return await storeFile(bytes, basename(name), folder, Infinity);
}

function isSame({ size, mtime }: Deno.FileInfo, found: FoundFile): boolean {
  return size === found.size && (mtime?.getTime() ?? null) === found.mtime;
}

function absent(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  throw error;
}
