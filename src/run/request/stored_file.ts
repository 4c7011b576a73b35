/** Files that are taken into storage before there is a run for them: uploads. */
import { basename, extname } from "node:path";
import { spool } from "../../source/spool.ts";

/** A copy in storage, which belongs to whoever has this. */
export interface StoredFile {
  readonly path: string;
  /** What the sender calls it; never used as a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the bytes, in hex. */
  readonly checksum: string;
}

/** Letters of a name that are kept. */
const MAX_NAME = 200;

/**
 * Streams a file into storage in constant memory; if that fails, nothing of it stays. Throws
 * TooLarge, StorageError if storage can't be written to, and what the stream fails with.
 */
export async function storeFile(
  stream: ReadableStream<Uint8Array>,
  sentName: string,
  folder: string,
  maxBytes: number,
): Promise<StoredFile> {
  const name = cleanName(sentName);
  const { path, size, checksum } = await spool(stream, folder, extensionOf(name), maxBytes);
  return { path, name, size, checksum };
}

/** Removes a stored file that no run came of, if it is still there. */
export async function discardFile(file: StoredFile): Promise<void> {
  try {
    await Deno.remove(file.path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Control characters, and those without a shape that turn the text round them about. */
const UNSEEN =
  // deno-lint-ignore no-control-regex -- these are what is taken out
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** The last part of a path as any system writes it, without what could upset a terminal. */
function cleanName(sentName: string): string {
  const last = basename(sentName.replaceAll("\\", "/"));
  const visible = last.toWellFormed().replaceAll(UNSEEN, "").trim();
  const letters = Array.from(visible);
  if (letters.length === 0 || /^\.+$/u.test(visible)) return "upload";
  if (letters.length <= MAX_NAME) return visible;
  const extension = extensionOf(visible);
  return letters.slice(0, MAX_NAME - extension.length).join("") + extension;
}

/** By which the kind of table is told; anything unusual is none. */
function extensionOf(name: string): string {
  const extension = extname(name);
  return /^\.[a-z0-9]{1,10}$/iu.test(extension) ? extension : "";
}
