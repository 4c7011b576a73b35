/** Writes lines of fixed width, and changes values in them. */
import { Buffer } from "node:buffer";
import { characterPlaces } from "./characters.ts";
import { type FixedFormat, lineLength } from "./fixed_format.ts";

const encoder = new TextEncoder();

/** Null if a value doesn't fit into its column. */
export function writeLine(values: readonly string[], { fields }: FixedFormat): Uint8Array | null {
  const line: string[] = [];
  for (const [index, field] of fields.entries()) {
    const characters = fitted(values[index] ?? "", field.start, field.end);
    if (characters === null) return null;
    for (const [i, character] of characters.entries()) line[field.start + i] = character;
  }
  const { least, most } = lineLength(fields);
  const surplus = values.slice(fields.length).join("");
  if (/[\r\n]/u.test(surplus)) return null;
  const length = surplus === "" ? Math.max(least, line.length) : Math.max(least, most);
  const text = Array.from({ length }, (_, i) => line[i] ?? " ").join("") + surplus;
  return encoder.encode(text);
}

/** See RecordFormat.replace. */
export function replaceValues(
  record: Uint8Array,
  values: ReadonlyMap<number, string>,
  { fields }: FixedFormat,
): Uint8Array | null {
  let line = record;
  for (const [index, value] of values) {
    const { start, end } = fields[index];
    const characters = fitted(value, start, end);
    if (characters === null) return null;
    const places = characterPlaces(line, 0, line.length);
    const length = places.length - 1;
    const stop = end === null ? length : Math.min(end, length);
    const padding = " ".repeat(Math.max(0, start - length));
    const width = end === null || (stop === length && stop < end) ? 0 : end - start;
    const text = characters.join("").padEnd(text16(characters, width));
    line = Buffer.concat([
      line.subarray(0, places[Math.min(start, length)]),
      encoder.encode(padding + text),
      line.subarray(places[Math.max(stop, Math.min(start, length))]),
    ]);
  }
  return line;
}

/** The length in UTF-16 of these characters, followed by blanks up to `width` characters. */
function text16(characters: readonly string[], width: number): number {
  return characters.join("").length + Math.max(0, width - characters.length);
}

/** The value's characters without blanks at its end; null if they are too many. */
function fitted(value: string, start: number, end: number | null): string[] | null {
  const characters = [...value.replace(/[ \t]+$/u, "")];
  if (/[\r\n]/u.test(value)) return null;
  return end !== null && characters.length > end - start ? null : characters;
}
