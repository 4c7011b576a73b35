/** Cells that are read in the short way mean the same as when they are read as XML. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SheetEvents } from "../../../src/source/xlsx/sheet_events.ts";
import type { SheetRow } from "../../../src/source/xlsx/sheet_row.ts";
import { StringPool } from "../../../src/source/xlsx/shared_strings.ts";
import { compileFormat, PLAIN } from "../../../src/source/xlsx/number_format.ts";
import { XmlScanner } from "../../../src/source/xlsx/xml_scanner.ts";
import { bytesOf } from "../records.ts";

/** The rows' cells, or why the sheet can't be read. A piece of one byte holds no whole cell. */
function read(xml: string, size: number): string {
  const strings = new StringPool("unused");
  for (const text of ["zero", '"o,ne"', ""]) strings.add(bytesOf(text));
  const shapes = [PLAIN, compileFormat("yyyy-mm-dd hh:mm"), compileFormat("00000")];
  const rules = { shapes, is1904: false, nullWords: new Set<string>() };
  const rows: string[] = [];
  const take = (row: SheetRow) => {
    const cells = Array.from({ length: row.count }, (_, i) => {
      const field = row.fields.bytes.subarray(row.start(i), row.ends[i]);
      return `${row.columns[i]} ${row.isText[i]} ${new TextDecoder("latin1").decode(field)}`;
    });
    rows.push(`${row.number}: ${cells.join(" | ")}`);
  };
  const events = new SheetEvents(rules, strings, { isFull: false, take });
  const scanner = new XmlScanner(events);
  try {
    const bytes = bytesOf(xml);
    for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.slice(at, at + size));
    scanner.end();
  } catch (error) {
    return `${rows.join("\n")}\n${error}`;
  }
  return rows.join("\n");
}

const attribute = fc.constantFrom(
  ...['r="A1"', 'r="B1"', 'r="XFD1"', 'r="ZZZ1"', 'r="a1"', 'r="1"', 'r=""', "r='C1'", 'r="D"'],
  ...['s="0"', 's="1"', 's="2"', 's="9"', 's="x"', 's=""', 't="s"', 't="n"', 't="str"', 't="b"'],
  ...['t="e"', 't="st"', 't="strx"', 't=""', 't="d"', 'x="y"', 'r ="E1"', 'cm="1"', 's="1"'],
);
const value = fc.constantFrom(
  ...["", "0", "1", "2", "3", "45355.5", "501", "1e3", "-0", " 7 ", "a&amp;b", 'a"b,c', "é", "x"],
);
const cell = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.uniqueArray(attribute, { maxLength: 3 }), value) },
).map(([attributes, text]) =>
  `<c${attributes.map((one) => ` ${one}`).join("")}><v>${text}</v></c>`
);
const other = fc.constantFrom(
  ...['<c r="F1"/>', "<c></c>", "<c><v/></c>", "<c ><v>1</v></c >", "<c><v>1</v ></c>"],
  ...["<c><f>1</f><v>2</v></c>", '<c t="inlineStr"><is><t>t</t></is></c>', " ", "<!-- c -->"],
  ...["<c><v>1</v><c><v>2</v></c></c>", "<x><c><v>1</v></c></x>", "<c><v>1</v></c>"],
);
const row = fc.array(fc.oneof({ weight: 4, arbitrary: cell }, other), { maxLength: 5 })
  .map((cells) => `<row>${cells.join("")}</row>`);

Deno.test("a cell that is read in the short way means the same as in whatever pieces it comes", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), fc.nat({ max: 80 }), (rows, size) => {
      const xml = `<worksheet><sheetData>${rows.join("")}</sheetData><c><v>1</v></c></worksheet>`;
      const slowly = read(xml, 1);
      assert.equal(read(xml, xml.length * 2), slowly);
      assert.equal(read(xml, 1 + size), slowly);
    }),
    { numRuns: 3000, seed: 17 },
  );
});
