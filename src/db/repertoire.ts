/**
 * Characters that a database can't hold, because its encoding isn't UTF-8. They are written as
 * `<U+20AC>`, a notation without a meaning in JSON, and read back as what they stand for. So
 * ingest's own tables can hold the name, header and rows of any file.
 */

export interface Repertoire {
  /** Escapes what the database can't hold, and what would be taken for an escape. */
  escape(text: string): string;
  unescape(text: string): string;
}

/** For a `server_encoding`. Null if it needs no escapes. */
export function repertoireOf(encoding: string): Repertoire | null {
  // SQL_ASCII takes any bytes as they are.
  if (encoding === "UTF8" || encoding === "SQL_ASCII") return null;
  const held = heldBy(encoding);
  return {
    escape: (text) =>
      text.replace(LOOKS_ESCAPED, () => notation("<")).replace(
        NOT_ASCII,
        (character) => held.has(character) ? character : notation(character),
      ),
    unescape: (text) =>
      text.replace(ESCAPED, (_, digits) => String.fromCodePoint(parseInt(digits, 16))),
  };
}

const LOOKS_ESCAPED = /<(?=U\+[0-9A-F]{4,6}>)/gu;
const ESCAPED = /<U\+([0-9A-F]{4,6})>/gu;
const NOT_ASCII = /[^\0-\x7f]/gu;

function notation(character: string): string {
  const digits = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return `<U+${digits}>`;
}

/** Postgres's names of encodings with one byte for each character, and WHATWG's for the same. */
const SINGLE_BYTE: ReadonlyMap<string, string> = new Map([
  ["LATIN1", "windows-1252"],
  ["LATIN2", "iso-8859-2"],
  ["LATIN3", "iso-8859-3"],
  ["LATIN4", "iso-8859-4"],
  ["LATIN5", "windows-1254"],
  ["LATIN6", "iso-8859-10"],
  ["LATIN7", "iso-8859-13"],
  ["LATIN8", "iso-8859-14"],
  ["LATIN9", "iso-8859-15"],
  ["LATIN10", "iso-8859-16"],
  ["ISO_8859_5", "iso-8859-5"],
  ["ISO_8859_6", "iso-8859-6"],
  ["ISO_8859_7", "iso-8859-7"],
  ["ISO_8859_8", "iso-8859-8"],
  ["KOI8R", "koi8-r"],
  ["KOI8U", "koi8-u"],
  ["WIN866", "ibm866"],
  ["WIN874", "windows-874"],
  ["WIN1250", "windows-1250"],
  ["WIN1251", "windows-1251"],
  ["WIN1252", "windows-1252"],
  ["WIN1253", "windows-1253"],
  ["WIN1254", "windows-1254"],
  ["WIN1255", "windows-1255"],
  ["WIN1256", "windows-1256"],
  ["WIN1257", "windows-1257"],
  ["WIN1258", "windows-1258"],
]);

/**
 * The characters beyond ASCII that the encoding surely has. None for the others, such as EUC_JP:
 * about some of their characters, Postgres and WHATWG disagree.
 */
export function heldBy(encoding: string): ReadonlySet<string> {
  const label = SINGLE_BYTE.get(encoding);
  if (label === undefined) return new Set();
  // In the ISO encodings, the first 32 are control characters.
  const first = /^(WIN|KOI)/.test(encoding) ? 0x80 : 0xa0;
  const bytes = Uint8Array.from({ length: 0x100 - first }, (_, index) => first + index);
  return new Set([...new TextDecoder(label).decode(bytes)].filter(isSure));
}

/** Not what stands for an undefined byte, and not what Postgres's KOI8U and WIN1255 lack. */
function isSure(character: string): boolean {
  return !/[\u0080-\u009f\u040e\u045e\u05ba\ufffd]/u.test(character);
}

/** The strings in a result's row, in whatever it holds. */
export function unescapeAll(value: unknown, repertoire: Repertoire): unknown {
  if (typeof value === "string") return repertoire.unescape(value);
  if (Array.isArray(value)) return value.map((each) => unescapeAll(each, repertoire));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      repertoire.unescape(name),
      unescapeAll(each, repertoire),
    ]),
  );
}
