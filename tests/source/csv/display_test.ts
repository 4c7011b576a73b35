import { deepEqual, equal } from "node:assert/strict";
import { displayData } from "../../../src/source/csv/display.ts";
import { reader } from "../../row/rows.ts";
import { COMMA } from "../records.ts";
import { recordFormat } from "../../../src/source/format.ts";
import { dialectOf } from "../../../src/source/csv/dialect.ts";
import { displayText } from "../../../src/source/display_text.ts";

const HEADER = ["id", "name", "__proto__"];

function shown(csv: string | Uint8Array) {
  const records = reader(csv, HEADER.length);
  records.next();
  return Object.entries(displayData(records, HEADER, dialectOf(COMMA)));
}

Deno.test("bytes that aren't UTF-8, and NUL, are shown as U+FFFD", () => {
  deepEqual(shown(new Uint8Array([49, 44, 255, 98, 0, 44, 120, 10])), [
    ["id", "1"],
    ["name", "\ufffdb\ufffd"],
    ["__proto__", "x"],
  ]);
  equal(displayText("a\0\ud83d"), "a\ufffd\ufffd");
});

Deno.test("a row is shown by column name, doubled quotes undone, blanks kept", () => {
  deepEqual(shown('1," a ""b"" ",é\n'), [["id", "1"], ["name", ' a "b" '], ["__proto__", "é"]]);
});

Deno.test("a short row shows what it has, a long one the rest under the next number", () => {
  deepEqual(shown("1\n"), [["id", "1"]]);
  deepEqual(shown('1,2,"3",4\n').at(-1), ["column_4", "4"]);
  deepEqual(shown('1,2,"3",4,"5"\n').slice(2), [["__proto__", "3"], ["column_4", '4,"5"']]);
});

Deno.test("a row with broken quotes shows the readable fields, then the rest unchanged", () => {
  deepEqual(shown('1,"a"b,c\n'), [["id", "1"], ["name", '"a"b,c']]);
  deepEqual(shown('"never closed\n'), [["id", '"never closed']]);
});

Deno.test("of a row with a million stray fields, fifty are shown, and the rest unchanged", () => {
  const text = `1,2,3${',"x"'.repeat(1_000_000)}\n`;
  const bytes = new TextEncoder().encode(text);
  const show = recordFormat(COMMA, HEADER).display(bytes);
  const cells = Object.entries(show(0, bytes.length));
  deepEqual(cells.length, HEADER.length + 51);
  deepEqual(cells.slice(2, 4), [["__proto__", "3"], ["column_4", "x"]]);
  deepEqual(cells.at(-2), ["column_53", "x"]);
  deepEqual(cells.at(-1), ["column_54", text.slice(text.length - 1 - 4 * 999_950 + 1, -1)]);
});
