/** A request's body that was packed on its way: what is stored is the file as it was before that. */
import { Input } from "../../source/file/input.ts";
import { Damaged } from "../../source/unpack/damaged.ts";
import { gunzip } from "../../source/unpack/gzip.ts";
import { unzstd } from "../../source/unpack/zstd.ts";
import { discardFile, type StoredFile, storeFile } from "./stored_file.ts";

/** As a request names them (`Content-Encoding`). */
export const BODY_ENCODINGS = ["gzip", "x-gzip", "zstd"] as const;

export type BodyEncoding = (typeof BODY_ENCODINGS)[number];

/** The body is not what its encoding says, or not all of it. */
export class WrongEncoding extends Error {
  override readonly name = "WrongEncoding";
}

/**
 * Stores a body as it comes, and then lets `store` store what is in it. Only the latter stays. Throws
 * WrongEncoding, what `store` does, TooLarge, StorageError, and the stream's own error.
 */
export async function storeDecoded<Stored>(
  body: ReadableStream<Uint8Array>,
  encoding: BodyEncoding,
  { folder, maxBytes, name }: {
    readonly folder: string;
    readonly maxBytes: number;
    readonly name: string;
  },
  store: (content: ReadableStream<Uint8Array>) => Promise<Stored>,
): Promise<Stored> {
  const sent = await storeFile(body, name, folder, maxBytes);
  try {
    return await store(ReadableStream.from(decoded(sent, encoding)));
  } finally {
    await discardFile(sent);
  }
}

async function* decoded(
  { path, size, name }: StoredFile,
  encoding: BodyEncoding,
): AsyncGenerator<Uint8Array> {
  using input = await Input.open(path, 0, size);
  const wrong = (what: string, cause?: Error) => new WrongEncoding(what, { cause });
  try {
    yield* encoding === "zstd" ? unzstd(input, name) : gunzip(input, (note) => {
      throw wrong(note);
    });
  } catch (error) {
    throw error instanceof Damaged ? wrong(error.message, error) : error;
  }
}
