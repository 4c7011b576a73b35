import { readAnswer } from "./answer.ts";
import { openForReading } from "./stored_at.ts";
import { SourceError } from "../error.ts";

/**
 * Reads exactly the bytes [start, end) of a file, into `buffer` if it is large enough. Throws
 * SourceError if the file is gone or has become shorter.
 */
export async function readRange(
  path: string,
  start: number,
  end: number,
  buffer?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readUpTo(path, start, end, buffer);
  if (bytes.length < end - start) throw changed(path);
  return bytes;
}

/** Like `readRange`, but returns fewer bytes if the file ends before `end`. */
export async function readUpTo(
  path: string,
  start: number,
  end: number,
  buffer?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    await file.seek(start, Deno.SeekMode.Start);
    const length = end - start;
    const bytes = buffer && buffer.length >= length
      ? buffer.subarray(0, length)
      : new Uint8Array(length);
    let filled = 0;
    while (filled < bytes.length) {
      const read = await readAnswer(path, file.read(bytes.subarray(filled)));
      if (read === null) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    file.close();
  }
}

export function changed(path: string): SourceError {
  return new SourceError(
    `Cannot read ${path}: the file changed while it was read. ` +
      "Import it again once nothing writes to it any more.",
  );
}

/** The file was there when the run was created. */
export function gone(path: string): SourceError {
  return new SourceError(
    `Cannot read ${path}: the file is not there any more. ` +
      "Put it back as it was, or import the file again.",
  );
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await openForReading(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw gone(path);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new SourceError(
        `Cannot read ${path}: permission denied. Make it readable for the user that runs ingest.`,
      );
    }
    throw error;
  }
}
