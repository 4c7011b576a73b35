import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RowError } from "../../src/row/outcome.ts";
import type { RowPipeline } from "../../src/row/pipeline.ts";
import { CsvReader } from "../../src/source/csv.ts";
import { column, compile, rule } from "../row/rows.ts";
import { bytesOf, COMMA } from "../source/records.ts";

interface Row {
  readonly row: number;
  readonly line: number;
  readonly raw: string;
  readonly became: string | readonly RowError[];
}

const AT = { offset: 900, line: 100, row: 50 };
const decoder = new TextDecoder();

/** One record after the other, without the kernel. */
function expected(pipeline: RowPipeline, bytes: Uint8Array, fields: number): Row[] {
  const reader = new CsvReader(bytes, COMMA, AT, fields);
  const out = new CopyWriter(16);
  const rows: Row[] = [];
  while (reader.next()) {
    out.truncate(0);
    const errors = pipeline.process(reader, out);
    const raw = decoder.decode(bytes.subarray(reader.start, reader.end));
    rows.push({
      row: reader.row,
      line: reader.line,
      raw,
      became: errors ?? decoder.decode(out.view()),
    });
  }
  return rows;
}

function rowsOf(encoded: ReturnType<Encoder["encodePiece"]>): Row[] {
  const { bytes, starts, ends, rowEnds, copyRows } = encoded;
  const lineOf = new Map([...encoded.goodRecords].map((record, index) => [
    record,
    decoder.decode(copyRows.subarray(index === 0 ? 0 : rowEnds[index - 1], rowEnds[index])),
  ]));
  equal(lineOf.size + encoded.bad.size, encoded.count);
  return Array.from({ length: encoded.count }, (_, record) => ({
    row: encoded.rowNumbers[record],
    line: encoded.lines[record],
    raw: decoder.decode(bytes.subarray(starts[record], ends[record])),
    became: lineOf.get(record) ?? encoded.bad.get(record) ?? "nothing",
  }));
}

/** One column for each thing that the kernel does, and some that it leaves to others. */
const TABLE = [
  column("id", "int4", { notNull: true }),
  column("name", "text", { notNull: true }),
  column("amount", "numeric", { precision: 6, scale: 2 }),
  column("day", "date"),
  column("at", "timestamp"),
  column("mail"),
  column("yes", "bool"),
  column("plan"),
  column("code", "varchar", { maxLength: 5 }),
  column("lower"),
  column("row", "int8"),
  column("fixed"),
];
const HEADER = ["id", "name", "amount", "day", "at", "mail", "yes", "plan", "code", "lower"];
const pipeline = compile(
  {
    columns: {
      id: rule({ from: ["id"], required: true, min: -5, max: 120_000 }),
      name: rule({ from: ["name"], trim: false, min_length: 2, max_length: 30 }),
      amount: rule({ from: ["amount"], default: "1.5" }),
      day: rule({ from: ["day"] }),
      at: rule({ from: ["at"] }),
      mail: rule({ from: ["mail"], type: "email" }),
      yes: rule({ from: ["yes"], true: ["ja", "oui"], false: ["nein"] }),
      plan: rule({ from: ["plan"], one_of: ["free", "pro", "größer"] }),
      code: rule({ from: ["code"] }),
      lower: rule({ from: ["lower"], transform: [{ op: "lower" }] }),
      row: rule({ value: "${row.number}" }),
      fixed: rule({ value: "a\tb" }),
    },
    null_values: ["", "NULL"],
  },
  HEADER,
  TABLE,
);

const value = fc.oneof(
  fc.constantFrom("", "NULL", " ", "0", "-1", "7", "05", "99.5", "-0", "9999.99", "10000", "1e3"),
  fc.constantFrom(
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "2024-04-31",
    "0000-01-01",
  ),
  fc.constantFrom("2024-01-01T10:00:00", "2024-01-01 24:00:00", "2024-01-01 10:00:00Z"),
  fc.constantFrom(
    "a@b.de",
    "a@b",
    "a..b@c.de",
    "ä@b.de",
    "a@-b.de",
    "a@b.c",
    `${"x".repeat(65)}@b.de`,
  ),
  fc.constantFrom("JA", "oui", "Nein", "no", "free", "PRO", "größer", "\u00a0free", "free\t"),
  fc.constantFrom("back\\slash", "tab\tbed", "ÄÖÜ", "\\N", "\\.", "a".repeat(17), "é".repeat(31)),
  fc.string({ maxLength: 20 }),
);
const field = fc.tuple(value, fc.boolean()).map(([text, quote]) =>
  quote || /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text
);
const record = fc.oneof(
  { arbitrary: fc.array(field, { minLength: 10, maxLength: 10 }), weight: 20 },
  { arbitrary: fc.array(field, { minLength: 1, maxLength: 12 }), weight: 1 },
  { arbitrary: fc.constant(['"open']), weight: 1 },
  { arbitrary: fc.constant(['"a"b']), weight: 1 },
).map((fields) => fields.join(","));
const file = fc.array(record, { maxLength: 12 }).chain((records) =>
  fc.tuple(fc.constantFrom("\n", "\r\n", "\n\n"), fc.boolean()).map(([newline, ended]) =>
    records.join(newline) + (ended ? newline : "")
  )
);

Deno.test("the kernel makes of each row what the pipeline makes of it", () => {
  const encoder = new Encoder(pipeline, COMMA, HEADER.length);
  fc.assert(
    fc.property(file, (text) => {
      const bytes = bytesOf(text);
      const rows = expected(pipeline, bytes, HEADER.length);
      encoder.input(bytes.length, rows.length).set(bytes);
      deepEqual(rowsOf(encoder.encodePiece(AT)), rows);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("the kernel takes no address that isn't one, and writes the others as they are", () => {
  const addresses = compile(
    { columns: { mail: rule({ from: ["mail"], type: "email" }) } },
    ["mail"],
    [column("mail")],
  );
  const encoder = new Encoder(addresses, COMMA, 1);
  const part = fc.array(
    fc.constantFrom("a", "Z", "5", ".", "-", "_", "+", "!", "bc", "x".repeat(14)),
    {
      maxLength: 8,
    },
  ).map((pieces) => pieces.join(""));
  const address = fc.tuple(part, fc.constantFrom("@", "@", "@", "", "@@"), part, part)
    .map(([local, at, domain, rest]) => `${local}${at}${domain}.${rest}`);
  fc.assert(
    fc.property(fc.array(address, { minLength: 1, maxLength: 20 }), (all) => {
      const bytes = bytesOf(all.join("\n"));
      const rows = expected(addresses, bytes, 1);
      encoder.input(bytes.length, rows.length).set(bytes);
      deepEqual(rowsOf(encoder.encodePiece(AT)), rows);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("rows that are left out are, and the others keep their numbers", () => {
  const encoder = new Encoder(pipeline, COMMA, HEADER.length);
  fc.assert(
    fc.property(file, fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 6 }), (text, chosen) => {
      const bytes = bytesOf(text);
      const rows = expected(pipeline, bytes, HEADER.length);
      const skipped = chosen.filter((position) => position < rows.length).sort((a, b) => a - b);
      const rest = rows.filter((_, position) => !skipped.includes(position));
      encoder.input(bytes.length, rest.length, skipped).set(bytes);
      deepEqual(rowsOf(encoder.encodePiece(AT)), rest);
    }),
    { numRuns: 500 },
  );
});

Deno.test("records from all over the source are encoded as they are where they stand", () => {
  const encoder = new Encoder(pipeline, COMMA, HEADER.length);
  fc.assert(
    fc.property(file, (text) => {
      const rows = expected(pipeline, bytesOf(text), HEADER.length);
      const found = rows.map(({ row, line, raw }) => ({ row, line, bytes: bytesOf(raw) }));
      deepEqual(rowsOf(encoder.encodeFound(found)), rows);
    }),
    { numRuns: 500 },
  );
});

Deno.test("what is written may be much longer than what is read", () => {
  const long = "x".repeat(50_000);
  const wide = compile(
    { columns: { a: rule({ from: ["a"], true: ["1"] }), b: rule({ value: long }) } },
    ["a"],
    [column("a", "bool"), column("b")],
  );
  const encoder = new Encoder(wide, COMMA, 1);
  const bytes = bytesOf("1\n".repeat(300));
  encoder.input(bytes.length, 300).set(bytes);
  const { copyRows, rowEnds } = encoder.encodePiece(AT);
  equal(rowEnds.length, 300);
  equal(decoder.decode(copyRows), `true\t${long}\n`.repeat(300));
});

Deno.test("a batch with more records than were planned is not taken", () => {
  const encoder = new Encoder(pipeline, COMMA, HEADER.length);
  for (const text of ["a\nb\nc\n", `${",".repeat(9)}\n`.repeat(3)]) {
    const bytes = bytesOf(text);
    encoder.input(bytes.length, 2).set(bytes);
    throws(() => encoder.encodePiece(AT), /more than its 2 records/);
  }
});
