import assert from "node:assert/strict";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { findRun } from "../../src/ledger/runs/runs.ts";
import { unguardCell } from "../../src/report/spreadsheet.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import { uniqueNames } from "../../src/source/csv/header.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { detectDelimiter } from "../../src/source/csv/detect.ts";
import { exported, markTried } from "../run/retrying.ts";

const TABLE = "create table t (id int primary key, note text)";
const DEFINITION = `
table: public.t
columns:
  id: id
  note: note
`;

async function exportOf(shop: Workshop, file: string | Uint8Array, definition = DEFINITION) {
  const run = await shop.create(definition, file);
  await shop.drive(run);
  return (await exported(shop, run)).split("\r\n");
}

/** The file as this program reads it again, without the guards for spreadsheets. */
function read(text: string): string[][] {
  const bytes = new TextEncoder().encode(text);
  const format = { type: "csv", delimiter: detectDelimiter(bytes), newline: "lf" } as const;
  const reader = new CsvReader(bytes, format, { offset: 0, line: 1, row: 0 }, null);
  const rows: string[][] = [];
  while (reader.next()) {
    assert.equal(reader.defect, null);
    rows.push(Array.from({ length: reader.fieldCount }, (_, i) => unguardCell(reader.text(i))));
  }
  return rows;
}

/** The reason is in the first column. */
function withoutReason(rows: readonly (readonly string[])[]): string[][] {
  return rows.map(([, ...cells]) => cells);
}

Deno.test("a failed row has its columns, every message, its number and its run", async () => {
  await using shop = await workshop(TABLE);
  const lines = await exportOf(
    shop,
    "id,note\n1,good\nx,bad\n,both\n",
    DEFINITION.replace(
      "note: note",
      "note: { from: note, max_length: 3 }",
    ),
  );
  assert.deepEqual(lines, [
    "_error_message,id,note,_row_number,_run_id",
    "The note field must not be longer than 3 characters.,1,good,1,1",
    "The id field must be a whole number.,x,bad,2,1",
    "The id field is required. The note field must not be longer than 3 characters.,,both,3,1",
    "",
  ]);
});

Deno.test("unreadable rows are exported as far as they can be shown, stray fields in columns of their own", async () => {
  await using shop = await workshop(TABLE);
  const file = [
    "id,note",
    '1,"open, b',
    "2,b,c,d",
    "3",
    '4,"x"y,z',
    "5,NUL\0,z",
    "6,bad \xff byte \xc3\xa9",
  ].join("\n");
  const lines = await exportOf(shop, Uint8Array.from(file, (c) => c.charCodeAt(0)));
  assert.deepEqual(lines, [
    "_error_message,id,note,column_3,column_4,_row_number,_run_id",
    'A quote is not closed.,1,"""open, b",,,1,1',
    "The row has 4 fields where the header has 2.,2,b,c,d,2,1",
    "The row has 1 field where the header has 2.,3,,,,3,1",
    'A quoted field has text after its closing quote.,4,"""x""y,z",,,4,1',
    '"The row holds a NUL byte, which Postgres cannot store as text. It is: NUL\\x00"' +
    ",5,NUL\ufffd,z,,5,1",
    "The row holds bytes that are not valid UTF-8. It is: bad \\xff byte é" +
    ",6,bad \ufffd byte é,,,6,1",
    "",
  ]);
});

Deno.test("a row with hundreds of stray fields doesn't add hundreds of columns", async () => {
  await using shop = await workshop(TABLE);
  const many = Array.from({ length: 300 }, (_, i) => `f${i + 3}`);
  const [header, wide, narrow] = withoutReason(read(
    (await exportOf(shop, `id,note\n1,n,${many.join(",")}\nx,n\n`)).join("\r\n"),
  ));
  assert.equal(header.length, 2 + 50 + 2);
  assert.deepEqual(header.slice(0, 4), ["id", "note", "column_3", "column_4"]);
  assert.equal(header[51], "column_52");
  assert.deepEqual(wide.slice(2, 51), many.slice(0, 49));
  assert.equal(wide[51], many.slice(49).join(","));
  assert.deepEqual(narrow.slice(0, 3), ["x", "n", ""]);
});

Deno.test("every value is read back exactly: quotes, delimiters, line ends, formulas", async () => {
  await using shop = await workshop(TABLE);
  const values = [
    ...["a,b;c\td|e", '"', '""x"', "two\nlines", "two\r\nlines", "ends with\r", " spaces ", "ä€😀"],
    ...["=1+1", "'=1", "''=1", "-5", "+49", "-5x", "@a", "'", "\tx", "\ufeffmark", "__proto__"],
  ];
  for (const delimiter of [",", ";", "\t", "|"]) {
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const header = ["id", "note", "=formula", "__proto__"].map(cell).join(delimiter);
    const lines = values.map((value) => ["x", value, value, value].map(cell).join(delimiter));
    const exportedLines = await exportOf(shop, [header, ...lines].join("\n"));
    const [names, ...rows] = withoutReason(read(exportedLines.join("\r\n")));
    assert.deepEqual(names.slice(0, 4), ["id", "note", "=formula", "__proto__"]);
    assert.deepEqual(rows.map((row) => row.slice(0, 4)), values.map((v) => ["x", v, v, v]));
    // Other programs treat it as the end of a line.
    assert.ok(exportedLines.join("\r\n").includes('"ends with\r"'));
    assert.ok(
      exportedLines[0].startsWith(`_error_message${delimiter}id${delimiter}note${delimiter}`),
    );
  }
});

Deno.test("an exported file that was loaded as a source keeps its own columns", async () => {
  await using shop = await workshop(TABLE);
  const lines = await exportOf(shop, "id,note,_row_number,_run_id\nx,n,17,3\n");
  assert.deepEqual(lines.slice(0, 2), [
    "_error_message,id,note,_row_number,_run_id,_row_number_2,_run_id_2",
    "The id field must be a whole number.,x,n,17,3,1,1",
  ]);
  const [header] = read(lines.join("\r\n"));
  assert.deepEqual(uniqueNames(header), header);
});

Deno.test("rows that a retry has fixed are left out, from the run's file and from its retries'", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(DEFINITION, "id,note\nx,1\ny,2\nz,3\n");
  await shop.drive(run);
  const { id: retry } = await copyAsRetry(shop, run.id);
  const numbers = async (id: number) => {
    const found = await findRun(shop.ledger, id);
    const [header, ...rows] = read(await exported(shop, found!));
    return rows.map((row) => [row[header.length - 2], row[header.length - 1]].map(Number));
  };
  assert.deepEqual(await numbers(retry), [[1, retry], [2, retry], [3, retry]]);
  const fix = (...rows: number[]) => markTried(shop.ledger, run.id, 99, rows);
  await fix(2);
  assert.deepEqual(await numbers(run.id), [[1, run.id], [3, run.id]]);
  assert.deepEqual(await numbers(retry), [[1, retry], [3, retry]]);
  // As prune does with rows that no retry needs.
  await shop.ledger.execute("delete from ingest.rows where run_id = $1 and row_number = 2", [
    run.id,
  ]);
  assert.deepEqual(await numbers(retry), [[1, retry], [3, retry]]);
  await fix(1, 3);
  assert.equal(await exported(shop, (await findRun(shop.ledger, run.id))!), "");
});

/** A finished retry in which every row failed again. */
async function copyAsRetry(shop: Workshop, root: number): Promise<{ readonly id: number }> {
  const [retry] = await shop.ledger.query<{ id: number }>(
    `insert into ingest.runs (parent_id, retried_from_run_id, importer, definition, source, header,
       status, completed_at)
     select id, id, importer, definition, source, header, 'completed_with_errors', now()
     from ingest.runs where id = $1 returning id`,
    [root],
  );
  await shop.ledger.execute(
    `insert into ingest.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select $2, row_number, line, status, raw, data, errors from ingest.rows where run_id = $1`,
    [root, retry.id],
  );
  return retry;
}

Deno.test("rows are read in pages that are bounded in rows and in bytes, and none is lost", async () => {
  await using shop = await workshop(TABLE);
  const sizes = Array.from({ length: 2_500 }, (_, i) => i % 50 === 0 ? 200_000 : 10);
  const file = sizes.map((size, i) => `x${i},${"n".repeat(size)}`).join("\n");
  const run = await shop.create(DEFINITION, `id,note\n${file}\n`);
  await shop.drive(run);
  const parts: number[] = [];
  let text = "";
  const rows = await writeFailedRows(shop.ledger, run, (part) => {
    parts.push(part.length);
    text += part;
  });
  assert.equal(rows, 2_500);
  // A page ends with the row that fills it.
  assert.ok(Math.max(...parts) < 1024 * 1024 + 300_000, parts.join());
  const [, ...rowsRead] = withoutReason(read(text));
  assert.deepEqual(rowsRead.map((row) => row[0]), sizes.map((_, i) => `x${i}`));
});

Deno.test("the file is a snapshot, whatever retries fix while it is written", async () => {
  await using shop = await workshop(TABLE);
  const rows = Array.from({ length: 1_500 }, (_, i) => `x${i},n`).join("\n");
  const run = await shop.create(DEFINITION, `id,note\n${rows}\n`);
  await shop.drive(run);
  await using retry = await Session.open(shop.database.config);
  let resolved = false;
  const written = await writeFailedRows(shop.ledger, run, async () => {
    if (resolved) return;
    resolved = true;
    const last = Array.from({ length: 100 }, (_, i) => 1401 + i);
    await markTried(new Ledger(retry, "ingest"), run.id, 2, last);
  });
  assert.equal(written, 1_500);
});
