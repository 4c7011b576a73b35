import { join } from "node:path";
import { answer, PATIENCE } from "./answer.ts";
import { StorageError, TooLarge } from "../error.ts";
import { Identifier, type Identity } from "./identity.ts";
import { readFile } from "./read_file.ts";

/** A copy, and what identifies its bytes. */
export interface Spooled extends Identity {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Copies a stream, or the file at a path, into a folder as `store` does, and takes its identity.
 */
export async function spool(
  source: ReadableStream<Uint8Array> | string,
  folder: string,
  extension = "",
  maxBytes = Infinity,
): Promise<Spooled> {
  const identifier = new Identifier();
  const stored = await store(
    typeof source === "string" ? readFile(source) : source,
    folder,
    extension,
    maxBytes,
    (bytes) => identifier.add(bytes),
  );
  return { ...stored, ...identifier.end() };
}

/**
 * Writes bytes into a folder (created if missing), under a random name with the given extension.
 * When it returns, the copy is on the disk, not only in the cache. If it throws, nothing is left
 * behind. Memory is constant.
 *
 * Throws StorageError if the folder can't be written to, TooLarge as soon as there are more than
 * `maxBytes`, and errors of the source unchanged.
 */
export async function store(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  extension: string,
  maxBytes = Infinity,
  read: (bytes: Uint8Array) => void = () => {},
): Promise<Pick<Spooled, "path" | "size">> {
  const path = join(folder, `${crypto.randomUUID()}${extension}`);
  const chunks = source[Symbol.asyncIterator]();
  try {
    using file = await create(folder, path);
    const size = await copy(chunks, file, folder, read, maxBytes);
    await flush(file, folder);
    return { path, size };
  } catch (error) {
    await chunks.return?.().catch(() => {/* it has already failed or ended */});
    await removed(path);
    throw error;
  }
}

/** Milliseconds. If the disk doesn't answer, the reason has been waited for already. */
const CLEANING = 10_000;

async function removed(path: string): Promise<void> {
  try {
    await answer(Deno.remove(path), CLEANING, () => new Error("no answer"));
  } catch {
    // It was not created, or it stays until `prune` finds it.
  }
}

async function create(folder: string, path: string): Promise<Deno.FsFile> {
  try {
    await inTime(folder, Deno.mkdir(folder, { recursive: true }));
    // Only the owner may read the file, which may contain personal data.
    const options = { write: true, createNew: true, mode: 0o600 };
    return await inTime(folder, Deno.open(path, options));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

async function copy(
  chunks: AsyncIterator<Uint8Array>,
  file: Deno.FsFile,
  folder: string,
  read: (bytes: Uint8Array) => void,
  maxBytes: number,
): Promise<number> {
  let size = 0;
  for (;;) {
    const { done, value: chunk } = await chunks.next();
    if (done) return size;
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge(maxBytes);
    read(chunk);
    try {
      for (let at = 0; at < chunk.length;) {
        at += await inTime(folder, file.write(chunk.subarray(at)));
      }
    } catch (error) {
      throw unwritable(folder, error);
    }
  }
}

async function flush(file: Deno.FsFile, folder: string): Promise<void> {
  try {
    await inTime(folder, file.sync());
  } catch (error) {
    // A full disk may only be noticed now.
    throw unwritable(folder, error);
  }
}

/** Throws a reason for `unwritable` if the folder's disk doesn't answer. */
function inTime<T>(folder: string, asked: Promise<T>): Promise<T> {
  return answer(
    asked,
    PATIENCE,
    (seconds) => new Error(`the disk of ${folder} has not answered for ${seconds} seconds`),
  );
}

function unwritable(folder: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(
    `Cannot write to the storage folder ${folder}: ${reason}. ` +
      "Make it writable, free space in it, or name another one.",
    { cause },
  );
}
