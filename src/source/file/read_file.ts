import { readAnswer } from "./answer.ts";

const CHUNK_BYTES = 64 * 1024;

/** The bytes of a file, piece by piece. Throws SourceError if its disk doesn't answer. */
export async function* readFile(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await readAnswer(path, Deno.open(path));
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const read = await readAnswer(path, file.read(chunk));
    if (read === null) return;
    yield chunk.subarray(0, read);
  }
}
