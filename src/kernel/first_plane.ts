/** The characters of Unicode's first plane, for tables that ask the runtime about each of them. */

export const CHARACTERS = 0x1_0000;
const FIRST_SURROGATE = 0xd800, LAST_SURROGATE = 0xdfff;

let all: string | null = null;

/** Each character at its own number. */
export function allCharacters(): string {
  return all ??= makeAll();
}

function makeAll(): string {
  // Half a surrogate pair is no character. NUL stands in its place, to keep the others' positions.
  const units = Uint16Array.from(
    { length: CHARACTERS },
    (_, unit) => unit < FIRST_SURROGATE || unit > LAST_SURROGATE ? unit : 0,
  );
  return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(units);
}
