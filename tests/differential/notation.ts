/** A file's bytes: the same rows in one of the many ways in which files are written. */
import fc from "fast-check";

export interface Notation {
  readonly delimiter: "," | ";" | "\t" | "|";
  readonly newline: "\n" | "\r\n" | "\r";
  /** Which fields stand in quotes although they need none. */
  readonly quotes: "none" | "all" | "some";
  readonly encoding: "utf-8" | "utf-8 with BOM" | "utf-16le" | "utf-16be" | "iso-8859-1";
  readonly endsWithNewline: boolean;
}

export const anyNotation: fc.Arbitrary<Notation> = fc.record({
  delimiter: fc.constantFrom(",", ",", ";", "\t", "|"),
  newline: fc.constantFrom("\n", "\n", "\r\n", "\r"),
  quotes: fc.constantFrom("none", "all", "some"),
  encoding: fc.constantFrom(
    "utf-8",
    "utf-8",
    "utf-8 with BOM",
    "utf-16le",
    "utf-16be",
    "iso-8859-1",
  ),
  endsWithNewline: fc.boolean(),
});

export type Cell = string | null;

export function write(rows: readonly (readonly string[])[], notation: Notation): Uint8Array {
  const { delimiter, newline } = notation;
  const text = rows.map((row, number) =>
    row.map((value, index) => field(value, notation, row.length === 1, number + index))
      .join(delimiter)
  ).join(newline);
  return encode(notation.endsWithNewline ? text + newline : text, notation.encoding);
}

/** A row whose only field is empty would be an empty line, which is no row. */
function field(value: string, notation: Notation, alone: boolean, place: number): string {
  const { delimiter, quotes } = notation;
  const needed = value.includes(delimiter) || /["\r\n]/.test(value) || (alone && value === "") ||
    value.startsWith(" ") || value.startsWith("\t");
  const wanted = quotes === "all" || (quotes === "some" && place % 3 === 0);
  return needed || wanted ? `"${value.replaceAll('"', '""')}"` : value;
}

function encode(text: string, encoding: Notation["encoding"]): Uint8Array {
  switch (encoding) {
    case "utf-8":
      return new TextEncoder().encode(text);
    case "utf-8 with BOM":
      return new TextEncoder().encode(`\ufeff${text}`);
    case "utf-16le":
    case "utf-16be": {
      const bytes = new Uint8Array(2 * text.length + 2);
      const view = new DataView(bytes.buffer);
      const little = encoding === "utf-16le";
      view.setUint16(0, 0xfeff, little);
      for (let i = 0; i < text.length; i++) view.setUint16(2 * i + 2, text.charCodeAt(i), little);
      return bytes;
    }
    case "iso-8859-1":
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
  }
}

/** Whether all characters have a place in the encoding. */
export function canWrite(text: string, encoding: Notation["encoding"]): boolean {
  // deno-lint-ignore no-control-regex -- these are the encoding's characters
  return encoding !== "iso-8859-1" || /^[\x00-\x7f\xa0-\xff]*$/.test(text);
}
