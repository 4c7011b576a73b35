/** Files that are stored before their run exists: uploads. */
import { basename, extname } from "node:path";
import type { Identity } from "../../source/file/identity.ts";
import { spool } from "../../source/file/spool.ts";

/** A copy in storage, owned by the holder of this object. */
export interface StoredFile extends Identity {
  readonly path: string;
  /** The sender's name for the file; never used as a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** How many characters of a name are kept. */
const MAX_NAME = 200;

/**
 * Streams a file into storage in constant memory, and leaves nothing behind if that fails. Throws
 * TooLarge, StorageError if storage can't be written to, and the stream's own error.
 */
export async function storeFile(
  stream: ReadableStream<Uint8Array>,
  sentName: string,
  folder: string,
  maxBytes: number,
): Promise<StoredFile> {
  const name = cleanName(sentName);
  return { name, ...await spool(stream, folder, extensionOf(name), maxBytes) };
}

/** Removes a stored file that became no run, if it still exists. */
export async function discardFile(file: StoredFile): Promise<void> {
  try {
    await Deno.remove(file.path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Control characters, and invisible ones that reorder the text around them. */
const UNSEEN =
  // deno-lint-ignore no-control-regex -- these characters are removed
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** The last part of any system's path, without characters that could upset a terminal. */
function cleanName(sentName: string): string {
  const last = basename(sentName.replaceAll("\\", "/"));
  const visible = last.toWellFormed().replaceAll(UNSEEN, "").trim();
  const letters = Array.from(visible);
  if (letters.length === 0 || /^\.+$/u.test(visible)) return "upload";
  if (letters.length <= MAX_NAME) return visible;
  const extension = extensionOf(visible);
  return letters.slice(0, MAX_NAME - extension.length).join("") + extension;
}

/** The extension, which says the format; an unusual one counts as none. */
function extensionOf(name: string): string {
  const extension = extname(name);
  return /^\.[a-z0-9]{1,10}$/iu.test(extension) ? extension : "";
}
