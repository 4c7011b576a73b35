import { decoderOf, DEFINES_NO_C1 } from "./decoder.ts";
import { Fingerprint } from "./fingerprint.ts";
import { readFile } from "./read_file.ts";
import { spool } from "./spool.ts";

export interface Converted {
  readonly path: string;
  /** Of the original: see `Fingerprint`. */
  readonly fingerprint: string;
}

/** Copies what `conversion` makes of a file into `folder`, in constant memory. */
export async function convert(
  path: string,
  conversion: TransformStream<Uint8Array, Uint8Array>,
  folder: string,
): Promise<Converted> {
  const fingerprint = new Fingerprint();
  const original = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      fingerprint.add(chunk);
      to.enqueue(chunk);
    },
  });
  const copied = ReadableStream.from(readFile(path)).pipeThrough(original).pipeThrough(conversion);
  const spooled = await spool(copied, folder, ".csv");
  return { path: spooled.path, fingerprint: String(fingerprint) };
}

/**
 * Turns bytes in the given encoding into UTF-8, without a byte order mark. `encoding` is a canonical
 * name; throws RangeError for an unknown one.
 *
 * A sequence that is invalid in the encoding is written as bytes that are not valid UTF-8, instead
 * of the usual U+FFFD. So its row fails, like damaged rows of UTF-8 files, and nothing is silently
 * replaced. (Line ends next to it are kept. The same happens to a U+FFFD in the file itself, which
 * an earlier conversion left in place of a character.)
 */
export function utf8Stream(encoding: string): TransformStream<Uint8Array, Uint8Array> {
  const decoder = decoderOf(encoding);
  const encoder = new TextEncoder();
  const hasNoC1 = DEFINES_NO_C1.test(encoding);
  const encode = (decoded: string, to: TransformStreamDefaultController<Uint8Array>) => {
    const text = hasNoC1 ? decoded.replace(/[\u0080-\u009f]/gu, "\ufffd") : decoded;
    if (text !== "") to.enqueue(spoilReplacements(encoder.encode(text)));
  };
  return new TransformStream({
    transform: (chunk, to) => encode(decoder.decode(chunk, { stream: true }), to),
    flush: (to) => encode(decoder.decode(), to),
  });
}

/** Makes each U+FFFD, which is EF BF BD, invalid: 0xFF never occurs in UTF-8. */
function spoilReplacements(bytes: Uint8Array): Uint8Array {
  for (let i = bytes.indexOf(0xef); i !== -1; i = bytes.indexOf(0xef, i + 1)) {
    if (bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd) bytes[i] = 0xff;
  }
  return bytes;
}
