/** Decoders for all encodings that a source may have (importer/encoding_names.ts). */
import { CODE_PAGES } from "./code_pages.ts";

export interface Decoder {
  /** The canonical name. */
  readonly encoding: string;
  /** As TextDecoder's: without `stream`, the text ends here. Invalid sequences become U+FFFD. */
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/**
 * Encodings in which TextDecoder turns a byte that they don't define into a control character
 * (0x81 in windows-1252 into U+0081), where Postgres finds an error.
 */
export const DEFINES_NO_C1 = /^(?:windows-|shift_jis$)/u;

/** `encoding`: a canonical name. Throws RangeError for an unknown one. */
export function decoderOf(
  encoding: string,
  options: { readonly ignoreBOM?: boolean } = {},
): Decoder {
  const page = Object.entries(CODE_PAGES).find(([name]) => name === encoding);
  return page === undefined ? new TextDecoder(encoding, options) : new CodePageDecoder(...page);
}

class CodePageDecoder implements Decoder {
  readonly encoding: string;
  /** UTF-16 code units by byte. */
  readonly #units = new Uint16Array(256);

  /** `upper`: the characters of the bytes from 0x80 on. */
  constructor(encoding: string, upper: string) {
    this.encoding = encoding;
    for (let byte = 0; byte < 256; byte++) {
      this.#units[byte] = byte < 0x80 ? byte : upper.charCodeAt(byte - 0x80);
    }
  }

  decode(bytes: Uint8Array = new Uint8Array()): string {
    const units = new Uint16Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) units[i] = this.#units[bytes[i]];
    return UTF_16.decode(units);
  }
}

/** In this machine's byte order, which is little-endian wherever Deno runs. */
const UTF_16 = new TextDecoder("utf-16le", { ignoreBOM: true });
