/** What LibreOffice makes of a workbook of failed rows, and how it comes back from there. */
import assert from "node:assert/strict";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { count, type Workshop, workshop } from "../run/importing.ts";
import { exportedWorkbook, retry, unresolved } from "../run/retrying.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import { edited } from "./workbook/unzip.ts";
import { hasOffice, saveAs } from "../support/office.ts";

const TABLE = "create table people (id int primary key, zip text, note text)";
const DEFINITION = `
table: people
columns:
  id: id
  zip: { from: zip, trim: false }
  note: { from: note, trim: false }
`;
const ignore = !hasOffice;
const title = (text: string) => hasOffice ? text : `${text} (needs soffice, libreoffice-calc)`;

/** What spreadsheets change if they can, and what XML can't hold. */
const HOSTILE = [
  ...["01234", "=1+1", "+49 30 1", "1e5", "12345678901234567890", "2024-01-02", "31/12", "-5"],
  ...["TRUE", "wahr", "5%", "$5", "@a", "10:30", "#N/A", "'=1", "''", " lead", "trail ", "\t"],
  ...["two\nlines", "ctl\u0001x", "del\u007f", "_x0041_", "_X000d_", "<&>\"']]>", "ä€😀", "\\N"],
  ...["null", "\u00a0", "\ufeffx", "https://example.com", "1,5", "0x10", "1/2", "٣", "ﬁ", "a;b|c"],
];

async function failedRun(shop: Workshop, file: string | Uint8Array) {
  return await shop.drive(await shop.create(DEFINITION, file));
}

function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return rows.map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}

/** All cells as they are shown, quoted, in UTF-8. */
const AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false";

Deno.test(title("LibreOffice shows every value as it is"), { ignore }, async () => {
  await using shop = await workshop(TABLE);
  const rows = HOSTILE.map((value, i) => [`x${i}`, value, `${value}|${value}`]);
  const run = await failedRun(shop, csv([["id", "zip", "note"], ...rows]));
  const book = `${shop.file}.xlsx`;
  await Deno.writeFile(book, await exportedWorkbook(shop, run));
  const shown = await Deno.readTextFile(await saveAs(book, AS_SHOWN, await Deno.makeTempDir()));
  let expected = "";
  const write = (text: string) => void (expected += text);
  await writeFailedRows(shop.ledger, run, write, { guarded: false });
  assert.deepEqual(parsed(shown), parsed(expected));
});

for (const kind of ["CSV", "JSON", "a workbook"] as const) {
  const name = `rows of ${kind} that LibreOffice has saved are loaded as they are`;
  Deno.test(title(name), { ignore }, async () => {
    await using shop = await workshop(TABLE);
    const rows = HOSTILE.map((zip, i) => ({ id: `wrong${i}`, zip, note: i % 2 === 0 ? "" : zip }));
    const table = [["id", "zip", "note"], ...rows.map(({ id, zip, note }) => [id, zip, note])];
    const source = kind === "CSV"
      ? csv(table)
      : kind === "JSON"
      ? JSON.stringify(rows)
      : oneSheet(table.map((cells) => textRow(...cells.map(escapedCell))).join(""));
    const run = await failedRun(shop, source);
    await Deno.writeFile(`${shop.file}.xlsx`, await exportedWorkbook(shop, run));
    const saved = await saveAs(`${shop.file}.xlsx`, "xlsx", await Deno.makeTempDir());
    const corrected = (texts: string) => texts.replaceAll(/>wrong(\d+)</gu, ">1$1<");
    const fixed = await retry(shop, run.id, {
      file: edited(await Deno.readFile(saved), corrected, "sharedStrings"),
    });
    assert.deepEqual([fixed.status, await unresolved(shop, run.id)], ["completed", 0]);
    assert.equal(await count(shop.session, "people"), HOSTILE.length);
    const loaded = await shop.session.query<{ zip: string; note: string | null }>(
      "select zip, note from people order by substr(id::text, 2)::int",
    );
    const expected = rows.map(({ zip, note }) => ({
      zip,
      note: note === "" && kind !== "JSON" ? null : note,
    }));
    assert.deepEqual(loaded, expected);
    const { changed_cells: changed = [] } = fixed.source;
    assert.deepEqual(
      changed.map(({ column, cells, of_sheet }) => [column, cells, of_sheet]),
      [["id", HOSTILE.length, true]],
    );
  });
}

/** As `textRow` needs it. */
function escapedCell(text: string): string {
  return text.replaceAll(/(?![\t\n])\p{Cc}|_(?=[xX][0-9a-fA-F]{4}_)/gu, (character) => {
    return `_x${character.charCodeAt(0).toString(16).padStart(4, "0")}_`;
  });
}

/** Of RFC 4180; line ends of any kind. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/"((?:[^"]|"")*)"|(,)|(\r?\n)|([^",\r\n]+)/gu)) {
    const row = rows[rows.length - 1];
    if (row.length === 0) row.push("");
    if (match[2] !== undefined) row.push("");
    else if (match[3] !== undefined) rows.push([]);
    else {row[row.length - 1] = (match[1]?.replaceAll('""', '"') ?? match[4]).replace(
        /^\ufeff_/u,
        "_",
      );}
  }
  return rows.filter((row) => row.length > 0);
}
