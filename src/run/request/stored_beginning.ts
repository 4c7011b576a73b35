/** The beginning of a file that somebody sends to see how it would be understood. */
import { isZip } from "../../source/binary.ts";
import { TooLarge } from "../../source/error.ts";
import { type StoredFile, storeFile } from "./stored_file.ts";

/** Bytes of the file that are kept. */
const KEPT = 1024 * 1024;
/** A file of so many bytes may have been cut by who sends it: "a megabyte" is this to some. */
const MAY_BE_CUT = 1_000_000;

/**
 * Keeps the first megabyte, and reads and forgets the rest. Of a zip archive, such as a workbook, it
 * keeps all, since the list of what is in it comes last. Throws as `storeFile` does.
 */
export async function storeBeginning(
  stream: ReadableStream<Uint8Array>,
  sentName: string,
  folder: string,
  maxBytes: number,
): Promise<StoredFile> {
  const first = ReadableStream.from(firstBytes(stream, maxBytes));
  return await storeFile(first, sentName, folder, maxBytes);
}

/** Must what comes last in the file be taken for cut? */
export function isBeginning({ size }: StoredFile): boolean {
  return size >= MAY_BE_CUT;
}

async function* firstBytes(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let kept = KEPT;
  for await (const chunk of stream) {
    if (size === 0 && isZip(chunk)) kept = maxBytes;
    if (size < kept) yield chunk.subarray(0, kept - size);
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge(maxBytes);
  }
}
