import assert from "node:assert/strict";
import fc from "fast-check";
import type { TestDatabase } from "../support/database.ts";
import { RowLogWriter } from "../../src/kernel/row_log.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { copyRows } from "../../src/ledger/rows/rows.ts";
import type { CsvFormat } from "../../src/source/csv/csv_format.ts";
import { recordFormat } from "../../src/source/format.ts";
import { bytesOf, foundOf } from "../source/records.ts";
import { migratedDatabase } from "../support/database.ts";

const COMMA: CsvFormat = { type: "csv", delimiter: ",", newline: "lf", grammar: 2 };
const FORMATS: readonly CsvFormat[] = [
  COMMA,
  { ...COMMA, delimiter: "\t", quote: null },
  { ...COMMA, delimiter: ";", quote: "'", short_rows: "fill" },
  { ...COMMA, delimiter: "|", escape: "\\" },
  { ...COMMA, delimiter: "||" },
  { ...COMMA, delimiter: "¦", skip_empty_rows: true },
  { ...COMMA, delimiter: "\x1f", newline: "cr" },
  { type: "csv", delimiter: " ", newline: "lf" },
];

const HEADERS: readonly (readonly string[])[] = [
  ["only"],
  ["id", "ID", "Größe €"],
  ['a"b', "__proto__", "tab\there", "back\\slash", "line\nbreak", "{}", "null"],
  Array.from({ length: 70 }, (_, index) => `column_${70 - index}`),
];

/** Texts of fields, some of them in quotes or damaged. */
const field = fc.oneof(
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }).map(bytesOf), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      ...["", "", " ", "NULL", "\\N", '"a"', '"a""b"', '""', "''", "'a''b'", ' "blank" ', '"open'],
      ...[
        'a"b',
        "a\r",
        "a\tb",
        "a\x1fb",
        "\0",
        "\ufeffx",
        "\ufffd",
        "😀",
        "\u2028",
        "{1,2}",
        "x\\,y",
      ],
      ...['"a,b;c|d"', '"a\nb"', "'a;b'", `"${"long ".repeat(500)}"`, "é".repeat(1500)],
    ).map(bytesOf),
    weight: 8,
  },
  // Not UTF-8: a byte that never occurs, half a character, half a surrogate pair, too long a form.
  {
    arbitrary: fc.constantFrom([0xff], [0x61, 0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0xaf])
      .map((bytes) => Uint8Array.from(bytes)),
    weight: 1,
  },
);

/** A record of about as many fields as the header has, without a line end behind it. */
function recordsOf({ delimiter }: CsvFormat, fields: number): fc.Arbitrary<Uint8Array> {
  const separator = bytesOf(delimiter);
  return fc.tuple(
    fc.constantFrom(0, 0, 0, 0, 0, -1, 1, 3),
    fc.array(field, { minLength: fields + 3, maxLength: fields + 3 }),
  ).map(([more, texts]) =>
    Uint8Array.from(
      texts.slice(0, Math.max(1, fields + more))
        .flatMap((text, index) => index === 0 ? [...text] : [...separator, ...text]),
    )
  );
}

/** Stores a run with this header; returns its number. */
async function runWith(db: TestDatabase, header: readonly string[]): Promise<number> {
  const [{ id }] = await db.session.query<{ id: number }>(
    `insert into ingest.runs (importer, definition, source, header)
     values ('i', '{}', '{}', $1::text[]) returning id`,
    [header],
  );
  return id;
}

Deno.test("data is what it was when it was stored with each row, for any header and any record", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  let derived = 0, stored = 0;
  for (const format of FORMATS) {
    for (const header of HEADERS) {
      const run = await runWith(db, header);
      const records = recordFormat(format, header);
      const raws = fc.sample(recordsOf(format, header.length), { numRuns: 60, seed: run });
      const found = foundOf(raws.map((raw, i) => ({ row: i + 1, line: i + 2, raw })));
      const writer = new RowLogWriter(run, records);
      writer.begin(found.bytes);
      for (const [i, start] of found.starts.entries()) {
        const place = { start, end: found.ends[i], row: i + 1, line: i + 2 };
        if (i % 2 === 0) writer.add(place, "created", null);
        else writer.add(place, "failed", ['{"message":"m"}']);
      }
      await copyRows(ledger, run, writer.rows());
      const display = records.display(found.bytes);
      const expected = raws.map((_, i) => JSON.stringify(display(found.starts[i], found.ends[i])));
      // What is compared is jsonb: the order of its keys counts, too.
      const rows = await db.session.query<{ row: number; data: string; expected: string }>(
        `select row_number as row, data::text, e::jsonb::text as expected
         from ingest.rows join unnest($2::text[]) with ordinality as t (e, n) on n = row_number
         where run_id = $1 order by row_number`,
        [run, expected],
      );
      assert.equal(rows.length, raws.length);
      for (const { row, data, expected } of rows) {
        assert.equal(data, expected, `${JSON.stringify(format)}: ${raws[row - 1].toHex()}`);
      }
      const [count] = await db.session.query<{ derived: number; stored: number }>(
        `select count(separator) as derived, count(data) as stored from ingest.logged_rows
         where run_id = $1`,
        [run],
      );
      derived += count.derived;
      stored += count.stored;
    }
  }
  // Both forms were tried.
  assert.ok(derived > 200 && stored > 200, `${derived} derived, ${stored} stored`);
});

Deno.test("rows without data are deleted through the view, and with their run", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  const header = ["id", "name"];
  const run = await runWith(db, header);
  const writer = new RowLogWriter(run, recordFormat(COMMA, header));
  const bytes = bytesOf('1,a"2",b');
  writer.begin(bytes);
  writer.add({ start: 0, end: 3, row: 1, line: 2 }, "created", null);
  writer.add({ start: 3, end: 8, row: 2, line: 3 }, "skipped", null);
  await copyRows(ledger, run, writer.rows());
  const left = () =>
    db.session.query("select row_number as row, data from ingest.rows order by row_number");
  const [first, second] = [
    { row: 1, data: { id: "1", name: "a" } },
    { row: 2, data: { id: "2", name: "b" } },
  ];
  assert.deepEqual(await left(), [first, second]);
  await db.session.execute("delete from ingest.rows where data ->> 'id' = '1'");
  assert.deepEqual(await left(), [second]);
  await db.session.execute("delete from ingest.runs where id = $1", [run]);
  assert.deepEqual(await left(), []);
});

Deno.test("a row that has neither data nor what it is made from can't be stored", async () => {
  await using db = await migratedDatabase();
  await assert.rejects(
    db.session.execute(
      `insert into ingest.logged_rows (run_id, row_number, line, status, raw)
       values (1, 1, 2, 'created', '')`,
    ),
    /logged_rows_data_is_known/,
  );
});
