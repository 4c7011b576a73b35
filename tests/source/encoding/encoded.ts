/** Text in encodings that Deno can only read. */
import { decoderOf } from "../../../src/source/encoding/decoder.ts";
import { concat } from "../records.ts";

const encoders = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** Throws if the encoding lacks one of the characters. */
export function encodedAs(encoding: string, text: string): Uint8Array {
  const bytes = encoderOf(encoding);
  return concat(
    Array.from(text).flatMap((character) => {
      const known = bytes.get(character);
      if (known === undefined) throw new Error(`${encoding} has no ${character}`);
      return known;
    }),
  );
}

/** What one or two bytes stand for, the other way round. */
function encoderOf(encoding: string): ReadonlyMap<string, readonly number[]> {
  const known = encoders.get(encoding);
  if (known !== undefined) return known;
  const made = new Map<string, readonly number[]>();
  const decoder = decoderOf(encoding);
  const add = (...bytes: readonly number[]) => {
    const character = decoder.decode(Uint8Array.from(bytes));
    if ([...character].length === 1 && character !== "\ufffd" && !made.has(character)) {
      made.set(character, bytes);
    }
  };
  for (let byte = 0; byte < 256; byte++) add(byte);
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  }
  encoders.set(encoding, made);
  return made;
}
