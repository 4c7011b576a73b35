/** Checks whether a source is still as it was when it was opened. */
import type { SourceRule } from "../importer/source_rule.ts";
import { readAnswer } from "./file/answer.ts";
import { isInBucket, sizeInBucket } from "./file/stored_at.ts";
import { SAMPLE_BYTES, utf8Marks } from "./encoding/encoding.ts";
import { SourceError } from "./error.ts";
import { readHeader } from "./format.ts";
import type { Header } from "./record_format.ts";
import type { ResolvedSource } from "./resolved_source.ts";
import { changed, gone, readUpTo } from "./file/range.ts";

/** These reveal a change without reading the file. */
export type FileState = Pick<ResolvedSource, "size" | "mtime">;

/** Throws SourceError if the file is gone or was written to since the source was opened. */
export async function assertUnchanged(source: FileState & { readonly path: string }) {
  const state = await fileState(source.path);
  refuseGrown(source, state);
  if (state === null) throw gone(source.path);
  if (state.size !== source.size || state.mtime !== source.mtime) throw changed(source.path);
}

/**
 * Throws SourceError if the file has become longer or shorter. If something still writes to it, its
 * last row may be half of one. A file that is gone was read before that.
 */
export async function assertSameSize(source: { path: string; size: number }) {
  refuseGrown(source, await fileState(source.path));
}

function refuseGrown({ path, size }: { path: string; size: number }, state: FileState | null) {
  if (state === null || state.size === size) return;
  if (state.size < size) throw changed(path);
  throw new SourceError(
    `Cannot read ${path}: the file changed while it was read. It grew from ${size} to ` +
      `${state.size} bytes, so its last row may be half of one. ` +
      "Import it again once nothing writes to it any more.",
  );
}

/** Null if there is no such file. */
export async function fileState(path: string): Promise<FileState | null> {
  if (isInBucket(path)) {
    const size = await sizeInBucket(path);
    // Copies in a bucket never change, and their time would differ from machine to machine.
    return size === null ? null : { size, mtime: null };
  }
  try {
    const stat = await readAnswer(path, Deno.stat(path));
    return stat.isFile ? { size: stat.size, mtime: stat.mtime?.getTime() ?? null } : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // A folder of its path is now a file.
    if (error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

/**
 * Is the header the same as when the source was opened, with the same names, and ending at the same
 * place? `rule` is the one that the source was opened with.
 */
export async function hasSameHeader(source: ResolvedSource, rule: SourceRule): Promise<boolean> {
  const end = source.data_end ?? source.size;
  const sample = await readUpTo(source.path, 0, Math.min(SAMPLE_BYTES, end));
  const bomBytes = utf8Marks(sample);
  const isWhole = sample.length >= end;
  let header: Header | null;
  try {
    header = readHeader({ bytes: sample, bomBytes, isWhole }, source.format, rule);
  } catch (error) {
    // The header could be read when the source was opened, so it has changed.
    if (error instanceof SourceError) return false;
    throw error;
  }
  return header !== null && header.dataStart === source.data_start &&
    header.dataLine === source.data_line &&
    header.names.length === source.header.length &&
    header.names.every((name, i) => name === source.header[i]);
}
