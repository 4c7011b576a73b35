import { Identifier, type Identity } from "../file/identity.ts";
import { readFile } from "../file/read_file.ts";
import { spool } from "../file/spool.ts";
import { transcoder } from "./transcoder.ts";

export interface Converted {
  readonly path: string;
  readonly original: Identity;
}

/** Copies what `conversion` makes of a file into `folder`, in constant memory. */
export async function convert(
  path: string,
  conversion: TransformStream<Uint8Array, Uint8Array>,
  folder: string,
): Promise<Converted> {
  const identifier = new Identifier();
  const original = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      identifier.add(chunk);
      to.enqueue(chunk);
    },
  });
  const copied = ReadableStream.from(readFile(path)).pipeThrough(original).pipeThrough(conversion);
  const { path: copy } = await spool(copied, folder, ".csv");
  return { path: copy, original: identifier.end() };
}

/**
 * Turns bytes in the given encoding into UTF-8 (transcoder.ts), without a byte order mark. `encoding`
 * is a canonical name; throws RangeError for an unknown one.
 */
export function utf8Stream(encoding: string): TransformStream<Uint8Array, Uint8Array> {
  const transcode = transcoder(encoding);
  let isFirst = true;
  const write = (utf8: Uint8Array, to: TransformStreamDefaultController<Uint8Array>) => {
    if (utf8.length === 0) return;
    const hasMark = isFirst && utf8[0] === 0xef && utf8[1] === 0xbb && utf8[2] === 0xbf;
    isFirst = false;
    to.enqueue(hasMark ? utf8.subarray(3) : utf8);
  };
  return new TransformStream({
    transform: (chunk, to) => write(transcode(chunk, false), to),
    flush: (to) => write(transcode(new Uint8Array(), true), to),
  });
}
