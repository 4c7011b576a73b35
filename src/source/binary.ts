import { isUtf8 } from "node:buffer";
import { byteOrderMark, endOfWholeCharacters, utf16WithoutMark } from "./encoding/encoding.ts";

const PARQUET = "a Parquet file";
const POSTGRES_DUMP = "a dump of Postgres in its own format";
const POSTGRES_BINARY = "COPY's binary format";

const MAGIC: readonly (readonly [readonly number[], string])[] = [
  [[0x25, 0x50, 0x44, 0x46, 0x2d], "a PDF document"],
  [[0x89, 0x50, 0x4e, 0x47], "a PNG image"],
  [[0xff, 0xd8, 0xff], "a JPEG image"],
  [[0x47, 0x49, 0x46, 0x38], "a GIF image"],
  [[0x50, 0x41, 0x52, 0x31], PARQUET],
  [[0x50, 0x47, 0x44, 0x4d, 0x50], POSTGRES_DUMP],
  [[0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff], POSTGRES_BINARY],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], "an SQLite database"],
  [[0x7f, 0x45, 0x4c, 0x46], "a program"],
];

/** What Office's documents were before they were zip archives, and still are if they have a password. */
const OLE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/**
 * What a file that is not text is, in words that fit "… is an Excel workbook"; null for text. A few
 * NUL bytes don't make a file binary: they only fail their rows. `sample`: without NULs at the
 * file's end. `encoding`: the definition's, or `auto`.
 */
export function looksBinary(sample: Uint8Array, encoding: string): string | null {
  if (isZip(sample)) return zipContent(sample);
  if (startsWith(sample, OLE)) return oleContent(sample);
  for (const [magic, what] of MAGIC) {
    // Text may begin with the letters of a magic number, but hardly has control bytes after them.
    if (startsWith(sample, magic) && !isPlainText(sample)) return what;
  }
  // Most files have no NULs; then there is no need to count control bytes.
  if (!sample.includes(0)) return null;
  if (encoding.startsWith("utf-16") || utf16WithoutMark(sample) !== null) return null;
  if (byteOrderMark(sample)?.encoding.startsWith("utf-16")) return null;
  const controls = countControls(sample);
  const isBinary = controls >= 8 && controls > sample.length / 20;
  return isBinary ? "binary data" : null;
}

/** What `looksBinary` has found, and what to do. */
export function refusalOf(binary: string): string {
  if (binary.endsWith("Excel workbook with a password")) {
    return `it is ${binary}. Open it in a spreadsheet program and save it without the password.`;
  }
  if (binary === POSTGRES_DUMP) {
    return `it is ${binary}. Make text of it with pg_restore --file orders.sql --table orders.`;
  }
  if (binary === POSTGRES_BINARY) return `it is in ${binary}. Write it in text format, or as CSV.`;
  if (binary === PARQUET) {
    return `it is ${binary}, which ingest doesn't read. Export it as CSV or as NDJSON.`;
  }
  return /workbook|spreadsheet|Numbers/u.test(binary)
    ? `it is ${binary}. Save it as .xlsx, or export it as CSV.`
    : `it is ${binary}, not text. Unpack it, or export it as CSV.`;
}

export function isZip(sample: Uint8Array): boolean {
  return startsWith(sample, ZIP);
}

function startsWith(sample: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => sample[i] === byte);
}

function isPlainText(sample: Uint8Array): boolean {
  // Only a PDF's first kilobytes can be plain text.
  return sample[0] !== 0x25 && countControls(sample) === 0 &&
    isUtf8(sample.subarray(0, endOfWholeCharacters(sample)));
}

function zipContent(sample: Uint8Array): string {
  // A zip has the name of each member in clear text before it.
  const names = new TextDecoder("latin1").decode(sample.subarray(0, 64 * 1024));
  if (names.includes("xl/") || names.includes("[Content_Types].xml")) return "an Excel workbook";
  if (names.includes("opendocument.spreadsheet")) return "an OpenDocument spreadsheet (.ods)";
  if (/Index\/\w+\.iwa/u.test(names)) return "an Apple Numbers document";
  return "a zip archive";
}

/** Its parts have names, in UTF-16. */
function oleContent(sample: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(sample);
  const has = (name: string) => text.includes([...name].join("\0"));
  if (has("EncryptedPackage")) return "an Excel workbook with a password";
  if (has("WordDocument")) return "an old Word document (.doc)";
  const isKnown = has("Workbook") || has("Book");
  return isKnown
    ? "an old Excel workbook (.xls)"
    : "an old Excel workbook (.xls), or one with a password";
}

/** Counts control bytes that no text has: all but tab, line ends, form feed and escape. */
function countControls(sample: Uint8Array): number {
  let controls = 0;
  for (const byte of sample) {
    if (byte < 0x20 && (byte < 0x09 || (byte > 0x0d && byte !== 0x1b))) controls++;
  }
  return controls;
}
