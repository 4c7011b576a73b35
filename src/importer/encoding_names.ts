/** The encodings that a source may have, under the names that people and programs give them. */

/** Those that TextDecoder doesn't know; src/source/encoding/code_pages.ts has their characters. */
export const CODE_PAGE_NAMES = [
  "ibm437",
  "ibm737",
  "ibm775",
  "ibm850",
  "ibm852",
  "ibm855",
  "ibm857",
  "ibm858",
  "ibm860",
  "ibm861",
  "ibm862",
  "ibm863",
  "ibm865",
  "ibm869",
  "x-mac-ce",
  "x-mac-croatian",
  "x-mac-greek",
  "x-mac-icelandic",
  "x-mac-romanian",
  "x-mac-turkish",
] as const;

export type CodePage = (typeof CODE_PAGE_NAMES)[number];

/** Names in lower case, without blanks, `-`, `_`, `.` and `:`, that the Encoding Standard lacks. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...["utf8bom", "utf8sig", "utf8withbom", "cp65001", "65001", "unicode11utf8"]
    .map((name) => [name, "utf-8"] as const),
  ...["utf16lebom", "ucs2", "ucs2le", "cp1200", "1200"].map((name) => [name, "utf-16le"] as const),
  ...["cp1201", "1201"].map((name) => [name, "utf-16be"] as const),
  ...["ansi", "winlatin1", "cp28591", "28591"].map((name) => [name, "windows-1252"] as const),
  // As Postgres and Python call them.
  ...["latin2", "latin3", "latin4", "latin5", "latin6"]
    .map((name, index) => [name, `iso-8859-${[2, 3, 4, 9, 10][index]}`] as const),
  ...["latin7", "latin8", "latin9", "latin10"]
    .map((name, index) => [name, `iso-8859-${[13, 14, 15, 16][index]}`] as const),
  ...["cp932", "932", "ms932", "mskanji", "windows932", "sjis", "sjiswin", "shiftjis"]
    .map((name) => [name, "shift_jis"] as const),
  ...["cp936", "936", "ms936", "windows936"].map((name) => [name, "gbk"] as const),
  ...["cp54936", "54936", "gb180302000", "gb180302005"].map((name) => [name, "gb18030"] as const),
  ...["cp949", "949", "ms949", "uhc"].map((name) => [name, "euc-kr"] as const),
  ...["cp950", "950", "ms950", "windows950"].map((name) => [name, "big5"] as const),
  ...["cp51932", "ujis"].map((name) => [name, "euc-jp"] as const),
  ...["cp874", "874", "tis620"].map((name) => [name, "windows-874"] as const),
  ...["cp20866", "koi8"].map((name) => [name, "koi8-r"] as const),
  ...["cp21866"].map((name) => [name, "koi8-u"] as const),
  ...["alt", "dos866", "win866"].map((name) => [name, "ibm866"] as const),
  ...["macroman", "macosroman", "cp10000", "10000", "applemacroman", "applestandardroman"]
    .map((name) => [name, "macintosh"] as const),
  ...["maccyrillic", "macukrainian"].map((name) => [name, "x-mac-cyrillic"] as const),
  ...["maclatin2", "maccentraleurope", "maccentraleuropean", "maceastereurope"]
    .map((name) => [name, "x-mac-ce"] as const),
  ...["maciceland"].map((name) => [name, "x-mac-icelandic"] as const),
  ...["macromania"].map((name) => [name, "x-mac-romanian"] as const),
]);

/** The usual ones, for "did you mean" and for messages. */
export const USUAL_ENCODINGS = [
  "auto",
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-15",
  "macintosh",
  "ibm437",
  "ibm850",
  "ibm852",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
] as const;

/**
 * A name as people write it (`cp850`, `Latin-1`, `cp932`, `macroman`, `UTF8`) → the canonical one:
 * the Encoding Standard's, or one of CODE_PAGE_NAMES. Null if there is no such encoding.
 */
export function canonicalEncoding(name: string): string | null {
  const standard = standardName(name.trim());
  if (standard !== null) return standard;
  const plain = name.toLowerCase().replace(/[\s._:-]+/gu, "");
  const other = OTHER_NAMES.get(plain);
  if (other !== undefined) return standardName(other) ?? other;
  const ownName = plain.replace(/^(?:cp|dos|oem|ibmcp)(?=\d)|^(?=\d{3}$)/u, "ibm")
    .replace(/^mac(?=[a-z])/u, "xmac");
  const own = CODE_PAGE_NAMES.find((page) => page.replaceAll("-", "") === ownName);
  if (own !== undefined) return own;
  for (const spelt of spellings(plain)) {
    const found = standardName(spelt);
    if (found !== null) return found;
  }
  return null;
}

/** How the Encoding Standard may spell a name that has lost its `-` and `_`. */
function* spellings(plain: string): Generator<string> {
  yield plain;
  yield plain.replace(/^(?:win|ms|windowscp|mswin)(?=\d{3,4}$)|^(?=125\d$|874$)/u, "windows-")
    .replace(/^windows(?=\d)/u, "windows-");
  yield plain.replace(/^iso8859(\d+)$/u, "iso-8859-$1");
  yield plain.replace(/^cp(?=\d+$)/u, "ibm");
  yield plain.replace(/^(utf|ucs|euc)(?=\w)/u, "$1-");
  yield plain.replace(/^koi8(?=[ru])/u, "koi8-");
}

function standardName(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
