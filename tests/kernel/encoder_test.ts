import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RowError } from "../../src/row/outcome.ts";
import type { ColumnWriter, RowPipeline } from "../../src/row/pipeline.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import { assertSameValues, column, compile, goodRows, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords, foundOf, unknownToKernel } from "../source/records.ts";
import { file, HEADER, pipeline } from "./encoded_files.ts";

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
  const { bytes, places: { starts, ends }, rowEnds, copyRows } = encoded;
  const lineOf = new Map([...encoded.goodRecords].map((record, index) => [
    record,
    decoder.decode(copyRows.subarray(index === 0 ? 0 : rowEnds[index - 1], rowEnds[index])),
  ]));
  equal(lineOf.size + encoded.bad.size, encoded.count);
  return Array.from({ length: encoded.count }, (_, record) => ({
    row: encoded.places.rowNumbers[record],
    line: encoded.places.lines[record],
    raw: decoder.decode(bytes.subarray(starts[record], ends[record])),
    became: lineOf.get(record) ?? encoded.bad.get(record) ?? "nothing",
  }));
}

/** Records that the kernel reads, and the same records left to a reader. */
const FORMATS = {
  "a format that the kernel knows": csvRecords(COMMA, HEADER.length),
  "a format that the kernel doesn't know": unknownToKernel(csvRecords(COMMA, HEADER.length)),
};

for (const [what, format] of Object.entries(FORMATS)) {
  Deno.test(`${what}: each row becomes the same as through the pipeline alone`, () => {
    const encoder = new Encoder(pipeline, format);
    fc.assert(
      fc.property(file, (text) => {
        const bytes = bytesOf(text);
        const rows = expected(pipeline, bytes, HEADER.length);
        encoder.input(bytes.length, rows.length).set(bytes);
        deepEqual(rowsOf(encoder.encodePiece(AT)), rows);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
}

Deno.test("the kernel refuses invalid addresses, and writes valid ones unchanged", () => {
  const addresses = compile(
    { columns: { mail: rule({ from: ["mail"], type: "email" }) } },
    ["mail"],
    [column("mail")],
  );
  const encoder = new Encoder(addresses, csvRecords(COMMA, 1));
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
    { numRuns: 2000, seed: 1 },
  );
});

for (const [what, format] of Object.entries(FORMATS)) {
  Deno.test(`${what}: skipped rows are left out, and the others keep their numbers`, () => {
    const encoder = new Encoder(pipeline, format);
    fc.assert(
      fc.property(file, fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 6 }), (text, chosen) => {
        const bytes = bytesOf(text);
        const rows = expected(pipeline, bytes, HEADER.length);
        const skipped = chosen.filter((position) => position < rows.length).sort((a, b) => a - b);
        const rest = rows.filter((_, position) => !skipped.includes(position));
        encoder.input(bytes.length, rest.length, skipped).set(bytes);
        deepEqual(rowsOf(encoder.encodePiece(AT)), rest);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  Deno.test(`${what}: records from anywhere in the source are encoded as in their place`, () => {
    const encoder = new Encoder(pipeline, format);
    fc.assert(
      fc.property(file, (text) => {
        const rows = expected(pipeline, bytesOf(text), HEADER.length);
        const found = foundOf(rows.map((row) => ({ ...row, raw: bytesOf(row.raw) })));
        deepEqual(rowsOf(encoder.encodeFound(found)), rows);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
}

Deno.test("a column is written by the batch's own writer, on both paths", () => {
  const columns = { a: rule({ from: ["a"] }), b: rule({ from: ["b"] }) };
  const byKernel = compile({ columns }, ["a", "b"], [column("a"), column("b")]);
  const [own, other] = byKernel.programs;
  const compiled = { ...byKernel, programs: [own, { ...other, bytes: null }] };
  const writers: readonly ColumnWriter[] = [own, {
    write(record, out, errors) {
      if (record.row === 51) errors.push({ code: "lookup", message: "?", column: "b", value: "X" });
      else out.text(`${record.row}`);
    },
  }];
  const bytes = bytesOf("x,X\ny,Y\nz,Z\n");
  for (const format of [csvRecords(COMMA, 2), unknownToKernel(csvRecords(COMMA, 2))]) {
    const encoder = new Encoder(compiled, format);
    encoder.input(bytes.length, 3).set(bytes);
    const { copyRows, bad } = encoder.encodePiece(AT, writers);
    equal(decoder.decode(copyRows), "x\t50\nz\t52\n");
    deepEqual([...bad.keys()], [1]);
    const wrong = [writers[1], compiled.programs[1]];
    throws(() => encoder.encodePiece(AT, wrong), /a has a byte rule and another writer/);
    // The next batch has no writer of its own.
    encoder.input(bytes.length, 3).set(bytes);
    equal(decoder.decode(encoder.encodePiece(AT).copyRows), "x\tX\ny\tY\nz\tZ\n");
  }
});

Deno.test("the output may be much longer than the input", () => {
  const long = "x".repeat(50_000);
  const wide = compile(
    { columns: { a: rule({ from: ["a"], true: ["1"] }), b: rule({ value: long }) } },
    ["a"],
    [column("a", "bool"), column("b")],
  );
  const encoder = new Encoder(wide, csvRecords(COMMA, 1));
  const bytes = bytesOf("1\n".repeat(300));
  encoder.input(bytes.length, 300).set(bytes);
  const { copyRows, rowEnds } = encoder.encodePiece(AT);
  equal(rowEnds.length, 300);
  equal(decoder.decode(copyRows), `true\t${long}\n`.repeat(300));
});

/** Encodes the batches one after the other: returns each one's format and number of good rows. */
Deno.test("binary rows hold the same values as text lines", () => {
  let compared = 0;
  fc.assert(
    fc.property(file, (content) => {
      const bytes = bytesOf(content);
      const count = expected(pipeline, bytes, HEADER.length).length;
      // A new encoder each time: one that keeps meeting odd values stops trying binary.
      const [lines, rows] = (["text", "binary"] as const).map((format) => {
        const encoder = new Encoder(pipeline, csvRecords(COMMA, HEADER.length), format);
        encoder.input(bytes.length, count).set(bytes);
        return encoder.encodePiece(AT);
      });
      deepEqual(rows.bad, lines.bad);
      deepEqual(rows.goodRecords, lines.goodRecords);
      if (rows.format === "binary") {
        compared += rows.goodRecords.length;
        assertSameValues(pipeline, goodRows(lines), goodRows(rows));
      } else {
        deepEqual(rows.copyRows, lines.copyRows);
      }
    }),
    { numRuns: 3000, seed: 1 },
  );
  ok(compared > 300, `${compared} rows`);
});

Deno.test("a batch with more records than were planned is refused", () => {
  const encoder = new Encoder(pipeline, csvRecords(COMMA, HEADER.length));
  for (const text of ["a\nb\nc\n", `${",".repeat(9)}\n`.repeat(3)]) {
    const bytes = bytesOf(text);
    encoder.input(bytes.length, 2).set(bytes);
    throws(() => encoder.encodePiece(AT), /more records than the 2 that were planned/);
  }
});
