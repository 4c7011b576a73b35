/** Files that are no workbooks, are damaged, or are made to do harm. */
import assert from "node:assert/strict";
import { bytesOf, concat } from "../records.ts";
import { makeZip } from "../unpack/make_zip.ts";
import { readWorkbook } from "./reading.ts";
import { oneSheet, partsOf, textRow, zip } from "./workbook.ts";

const AGAIN = "Open it in a spreadsheet program and save it again as .xlsx, or export it as CSV.";
const SHEET = "xl/sheets/s1.xml";
const TABLE = textRow("id", "name") + textRow("1", "Ana");

async function refused(
  content: Uint8Array,
  reason: string,
  rule: Parameters<typeof readWorkbook>[1] = {},
) {
  await assert.rejects(readWorkbook(content, rule), (error: Error) => {
    assert.equal(error.name, "SourceError");
    assert.equal(error.message, `Cannot import book.xlsx: ${reason}`);
    return true;
  });
}

/** A workbook of one sheet, with some parts replaced. */
function withParts(parts: Record<string, string>): Uint8Array {
  return zip({ ...partsOf({ sheets: [{ name: "Data", rows: TABLE }] }), ...parts });
}

Deno.test("other documents are named, with what to do", async () => {
  const as = "Save it as .xlsx, or export it as CSV.";
  const root = (target: string) =>
    withParts({
      "_rels/.rels": `<R><Relationship Type="x/officeDocument" Target="${target}"/></R>`,
    });
  await refused(
    root("xl/workbook.bin"),
    `it is a binary Excel workbook (.xlsb), which isn't supported. ${as}`,
  );
  await refused(root("word/document.xml"), `it is a Word document, not a workbook. ${as}`);
  await refused(
    concat([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "W\0o\0r\0k\0b\0o\0o\0k\0"),
    `it is an old Excel workbook (.xls). ${as}`,
  );
  await refused(
    concat([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], [..."EncryptedPackage"].join("\0")),
    "it is an Excel workbook with a password. Open it in a spreadsheet program and save it " +
      "without the password.",
  );
  await refused(
    makeZip([
      {
        ...{ name: "mimetype", stored: true },
        content: "application/vnd.oasis.opendocument.spreadsheet",
      },
    ]),
    `it is an OpenDocument spreadsheet (.ods). ${as}`,
  );
});

Deno.test("text that is called a workbook is read as what it is, but no web page", async () => {
  assert.deepEqual((await readWorkbook(bytesOf("id;name\n1;Ana\n"))).rows, ["2: 1|Ana"]);
  const what =
    "whatever it is called. Open it in a spreadsheet program and save it as .xlsx or CSV.";
  for (const page of ["<html><table>", "\ufeff\n<!DOCTYPE html>", "<table><tr>", "<HTML >"]) {
    await refused(bytesOf(`${page}<td>1</td>`), `it is a web page (HTML), ${what}`);
  }
  await refused(
    bytesOf('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
    `it is an XML spreadsheet of 2003, ${what}`,
  );
});

Deno.test("the format that the definition says is kept to", async () => {
  await refused(
    bytesOf("id\n1\n"),
    "it is not an Excel workbook (.xlsx), as format: xlsx says. Say format: auto, or save it as " +
      ".xlsx.",
    { format: "xlsx" },
  );
  await refused(
    oneSheet(TABLE),
    "it is an Excel workbook, and the definition says format: csv. Say format: xlsx or auto.",
    { format: "csv" },
  );
});

Deno.test("nothing outside the file is read, and no entity grows", async () => {
  const dtd = "it has a document type (DTD), which no workbook needs and which is unsafe";
  const laughs = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>';
  const outside = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>';
  for (const type of [laughs, outside]) {
    const xml = `${type}<worksheet><sheetData>${TABLE}</sheetData></worksheet>`;
    await refused(withParts({ [SHEET]: xml }), `its part ${SHEET} can't be read: ${dtd}. ${AGAIN}`);
  }
  const row = '<row><c t="str"><v>&a;</v></c></row>';
  await refused(
    withParts({ [SHEET]: `<worksheet><sheetData>${row}</sheetData></worksheet>` }),
    `its part ${SHEET} can't be read: it has the entity &a; which XML doesn't know. ${AGAIN}`,
  );
  const external = '<R><Relationship Id="s1" Type="x/worksheet" TargetMode="External" ' +
    'Target="http://127.0.0.1/s.xml"/></R>';
  await refused(
    withParts({ "xl/_rels/workbook.xml.rels": external }),
    `its sheets are empty. ${AGAIN}`,
  );
});

Deno.test("a damaged part is named, with what is wrong", async () => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ [SHEET]: `<worksheet><sheetData>${TABLE}` }, "it ends in the middle"],
    [{ [SHEET]: "<worksheet><sheetData><row></c>" }, "it has a </c> that closes nothing"],
    [{ [SHEET]: "<worksheet><sheetData><row r=1>" }, "it has a damaged tag"],
    [{ [SHEET]: "" }, "it ends in the middle"],
    [{ [SHEET]: "<a>".repeat(1000) }, "its tags are nested too deep"],
    [
      { [SHEET]: '<?xml version="1.0" encoding="windows-1252"?><worksheet/>' },
      "it is in windows-1252, and only UTF-8 and UTF-16 are supported",
    ],
    [
      { [SHEET]: sheetOf('<row r="3"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>') },
      "its rows are not in order after row 3",
    ],
    [
      { [SHEET]: sheetOf('<row r="1048577"><c><v>1</v></c></row>') },
      "its rows are not in order after row 0",
    ],
    [
      { [SHEET]: sheetOf('<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>') },
      "the cells of its row 1 are not in order",
    ],
    [
      { [SHEET]: sheetOf('<row><c r="ZZZ1"><v>1</v></c></row>') },
      "the cells of its row 1 are not in order",
    ],
    [
      { [SHEET]: sheetOf('<row><c t="s"><v>5</v></c></row>') },
      "cell A1 refers to text 5, which the workbook doesn't have",
    ],
    [{ [SHEET]: sheetOf('<row><c t="x"><v>5</v></c></row>') }, "cell A1 is of an unknown type, x"],
  ];
  for (const [parts, reason] of cases) {
    await refused(withParts(parts), `its part ${SHEET} can't be read: ${reason}. ${AGAIN}`);
  }
});

function sheetOf(rows: string): string {
  return `<worksheet><sheetData>${rows}</sheetData></worksheet>`;
}

function relationTo(target: string): string {
  return `<R><Relationship Id="s1" Type="x/worksheet" Target="${target}"/></R>`;
}

Deno.test("a part that is missing is named", async () => {
  const { [SHEET]: _, ...parts } = partsOf({ sheets: [{ name: "Data", rows: TABLE }] });
  await refused(zip(parts), `its part ${SHEET} is missing. ${AGAIN}`);
  const broken = { "xl/_rels/workbook.xml.rels": relationTo("sheets/s\n1.xml") };
  await refused(zip({ ...parts, ...broken }), `its part xl/sheets/s 1.xml is missing. ${AGAIN}`);
  const { "xl/workbook.xml": __, ...others } = partsOf({ sheets: [] });
  await refused(zip(others), `its part xl/workbook.xml is missing. ${AGAIN}`);
});

Deno.test("a workbook that was cut off is incomplete, and one with wrong bytes is damaged", async () => {
  const whole = oneSheet(TABLE);
  await assert.rejects(readWorkbook(whole.subarray(0, whole.length - 40)), /is incomplete/);
  const parts = zip(partsOf({ sheets: [{ name: "Data", rows: TABLE }] }));
  const at = new TextDecoder("latin1").decode(parts).indexOf(SHEET) + SHEET.length + 20;
  parts[at] ^= 0xff;
  await assert.rejects(readWorkbook(parts), new RegExp(`its part ${SHEET}.*(?:damaged|read)`));
});

Deno.test("a part that becomes a thousand times as large is refused before it is unpacked", async () => {
  const blanks = " ".repeat(70_000_000);
  await assert.rejects(
    readWorkbook(
      withParts({ [SHEET]: `<worksheet><sheetData>${blanks}</sheetData></worksheet>` }),
    ),
    /its part xl\/sheets\/s1\.xml would become 102\d times as large when it is unpacked/,
  );
});

Deno.test("UTF-16, prefixes, names in capitals and the strict variant are understood", async () => {
  const xml = `<x:worksheet xmlns:x="m"><x:sheetData><x:row x:r='1'>` +
    `<x:c><x:v>7</x:v></x:c></x:row><x:row><x:c ><x:v >8</x:v ></x:c></x:row></x:sheetData>` +
    `<!-- > </row> --></x:worksheet>\n`;
  const units = new Uint8Array(
    new Uint16Array([0xfeff, ...[...xml].map((c) => c.charCodeAt(0))])
      .buffer,
  );
  const { [SHEET]: _, ...parts } = partsOf({ sheets: [{ name: "Data", rows: TABLE }] });
  const { rows } = await readWorkbook(zip({ ...parts, "XL\\Sheets\\S1.xml": units }));
  assert.deepEqual(rows, ["2: 8"]);
  const strict = partsOf({ sheets: [{ name: "Data", rows: TABLE }] });
  const links = Object.entries(strict).map(([name, text]) =>
    [
      name,
      text.replaceAll(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
      ),
    ] as const
  );
  assert.deepEqual((await readWorkbook(zip(Object.fromEntries(links)))).rows, ["2: 1|Ana"]);
});

Deno.test("16,384 columns are read, and a million empty rows are none", async () => {
  const names = Array.from({ length: 16_384 }, (_, i) => `c${i}`);
  const wide = await readWorkbook(
    oneSheet(textRow(...names) + '<row><c r="A2"><v>1</v></c><c r="XFD2"><v>2</v></c></row>'),
  );
  assert.equal(wide.header.length, 16_384);
  assert.deepEqual(wide.rows, [`2: 1${"|".repeat(16_383)}2`]);
  const empty = Array.from({ length: 200_000 }, (_, i) => `<row r="${i + 9}"><c s="1"/></row>`);
  assert.deepEqual((await readWorkbook(oneSheet(TABLE + empty.join("")))).rows, ["2: 1|Ana"]);
});

Deno.test("texts that many cells refer to are written as often, and too long a row fails alone", async () => {
  const long = "x".repeat(1_000_000);
  const names = Array.from({ length: 20 }, (_, i) => `name ${i}`);
  const cells = (count: number) => `<row>${'<c t="s"><v>0</v></c>'.repeat(count)}</row>`;
  // The third row has 20 MB, more than a row may have.
  const rows = [textRow(...names), cells(2), cells(20), cells(2), cells(2)].join("");
  const strings = `<si><t>${long}</t></si>`;
  const read = await readWorkbook(zip(partsOf({ sheets: [{ name: "Data", rows }], strings })));
  const shown = read.rows.map((row) => row.replaceAll(long, "long").replace(/\|{2,}$/u, ""));
  assert.deepEqual(shown, [
    "2: long|long",
    "3: malformed: The row is longer than 16 MB.",
    "4: long|long",
    "5: long|long",
  ]);
});
