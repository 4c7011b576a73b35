import { equal } from "node:assert/strict";
import { damagedText } from "../../src/source/damaged_text.ts";
import { concat } from "./records.ts";

function shown(...parts: readonly (string | readonly number[])[]): string | null {
  const bytes = concat(...parts);
  return damagedText(bytes, 0, bytes.length);
}

Deno.test("damaged bytes are shown by their numbers, with the text around the first", () => {
  equal(shown("Zoë"), null);
  equal(shown("M", [0xfc], "ller"), "M\\xfcller");
  equal(shown("a\0b", [0x81]), "a\\x00b\\x81");
  equal(shown("a", [0xed, 0xa0, 0xbd], "b", [0xed, 0xa0]), "a\\ud83db\\xed\\xa0");
  equal(shown([0xe6, 0x97]), "\\xe6\\x97");
  equal(
    shown("é".repeat(1000), [0xff], "é".repeat(1000)),
    `${"é".repeat(30)}\\xff${"é".repeat(30)}`,
  );
});
