import { readAnswer } from "./answer.ts";
import { openForReading } from "./stored_at.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a file, piece by piece; those from `start` to `end`, if these are given. Throws
 * SourceError if its disk doesn't answer.
 */
export async function* readFile(
  path: string,
  start = 0,
  end = Infinity,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await openForReading(path);
  if (start > 0) await file.seek(start, Deno.SeekMode.Start);
  for (let at = start; at < end;) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
    const read = await readAnswer(path, file.read(chunk));
    if (read === null) return;
    at += read;
    yield chunk.subarray(0, read);
  }
}
