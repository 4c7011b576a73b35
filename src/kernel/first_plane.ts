/** The characters of Unicode's first plane, for tables that ask the runtime about each of them. */

export const CHARACTERS = 0x1_0000;
const FIRST_SURROGATE = 0xd800, LAST_SURROGATE = 0xdfff;

let all: string | null = null;

/** Each character at its own number. */
export function allCharacters(): string {
  return all ??= makeAll();
}

function makeAll(): string {
  const units = new Uint16Array(CHARACTERS);
  for (let unit = 0; unit < CHARACTERS; unit++) units[unit] = unit;
  // Half a surrogate pair is no character. NUL stands in its place, to keep the others' positions.
  units.fill(0, FIRST_SURROGATE, LAST_SURROGATE + 1);
  return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(units);
}

/** Fills in the value for each character of the class, such as `[\p{L}_]`. */
export function fillClass(table: Uint8Array, characters: string, value: number): void {
  for (const { index, 0: run } of allCharacters().matchAll(new RegExp(`${characters}+`, "gu"))) {
    table.fill(value, index, index + run.length);
  }
}
