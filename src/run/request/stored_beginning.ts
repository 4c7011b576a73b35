/** The first megabyte of a file that somebody sends to see how it would be understood. */
import { TooLarge } from "../../source/error.ts";
import { type StoredFile, storeFile } from "./stored_file.ts";

/** Bytes of the file that are kept. */
const KEPT = 1024 * 1024;
/** A file of so many bytes may have been cut by who sends it: "a megabyte" is this to some. */
const MAY_BE_CUT = 1_000_000;

/** Keeps the first megabyte, and reads and forgets the rest. Throws as `storeFile` does. */
export async function storeBeginning(
  stream: ReadableStream<Uint8Array>,
  sentName: string,
  folder: string,
  maxBytes: number,
): Promise<StoredFile> {
  const first = ReadableStream.from(firstBytes(stream, maxBytes));
  return await storeFile(first, sentName, folder, KEPT);
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
  for await (const chunk of stream) {
    if (size < KEPT) yield chunk.subarray(0, KEPT - size);
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge(maxBytes);
  }
}
