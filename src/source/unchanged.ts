import type { ResolvedSource } from "./open.ts";
import { changed } from "./range.ts";

/** Throws SourceError if the file is gone or was written to since the source was opened. */
export async function assertUnchanged(source: ResolvedSource): Promise<void> {
  let stat: Deno.FileInfo;
  try {
    stat = await Deno.stat(source.path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw changed(source.path);
    throw error;
  }
  const mtime = stat.mtime?.getTime() ?? null;
  if (stat.size !== source.size || mtime !== source.mtime) throw changed(source.path);
}
