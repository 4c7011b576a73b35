/** Bytes at a file's end that are not data: DOS's end mark, and NULs of a disk's unused blocks. */
import { readUpTo } from "./range.ts";

const NUL = 0x00, END_MARK = 0x1a, CR = 0x0d, LF = 0x0a;
const READ_BYTES = 64 * 1024;

export interface DataEnd {
  /** Byte offset after the data. */
  readonly end: number;
  /** What was left out, in a sentence; null if nothing was. */
  readonly note: string | null;
}

/** The size of a sample without such bytes, if it is the whole file. */
export function withoutPadding(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, endOfData(bytes).end);
}

/** Reads a file from its end to where its data ends. */
export async function findDataEnd(path: string, size: number): Promise<DataEnd> {
  let end = size;
  let marks = 0;
  for (;;) {
    const from = Math.max(0, end - READ_BYTES);
    const found = endOfData(await readUpTo(path, from, end));
    marks += found.marks;
    const isPast = found.end > 0 || from === 0;
    if (found.end === end - from) break;
    end = from + found.end;
    if (isPast) break;
  }
  return { end, note: describe(size - end, marks) };
}

/** Line ends after the padding belong to it. */
function endOfData(bytes: Uint8Array): { readonly end: number; readonly marks: number } {
  let end = bytes.length;
  let marks = 0;
  for (let i = end; i > 0; i--) {
    const byte = bytes[i - 1];
    if (byte === NUL || byte === END_MARK) {
      end = i - 1;
      if (byte === END_MARK) marks++;
    } else if (byte !== CR && byte !== LF) break;
  }
  return { end, marks };
}

function describe(length: number, marks: number): string | null {
  if (length === 0) return null;
  if (marks > 0 && length <= marks + 2) {
    return "The byte 0x1A at the end of the file, an end mark of DOS programs, is left out.";
  }
  return `The last ${length} bytes of the file are NULs and not data; they are left out. ` +
    "Maybe the file was not written to its end.";
}
