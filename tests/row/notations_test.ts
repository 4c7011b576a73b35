/**
 * Notations of numbers, dates and the like, as the kernel reads them: exactly like the text path, and
 * without it for what files usually have.
 */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { Encoder } from "../../src/kernel/encoder.ts";
import type { TableColumn } from "../../src/load/table.ts";
import { COMMA, csvRecords } from "../source/records.ts";
import { isoMoments, jsons, misspelled, moments, numbers, urls, uuids } from "./near_values.ts";
import { column, compile, process, quoted, rule } from "./rows.ts";

interface Notation {
  readonly rules: Partial<ColumnRule>;
  readonly target?: TableColumn;
  readonly near: fc.Arbitrary<string>;
  /** What COPY's binary format can hold: such values are encoded once more without all others. */
  readonly binary?: RegExp;
  /** The kernel writes these without its caller: the text, and what becomes of it. */
  readonly certain: Readonly<Record<string, string>>;
}

const NUMERIC = column("x", "numeric", { precision: 12, scale: 2 });

const NOTATIONS: Readonly<Record<string, Notation>> = {
  "plain numbers": {
    rules: { min: -1000 },
    target: NUMERIC,
    near: numbers(".", ","),
    certain: { "007": "7", "+1.50": "1.50", ".5": "0.5", "5.": "5", "-00.5": "-0.5", "00": "0" },
  },
  "plain integers": {
    rules: { max: 999_999 },
    target: column("x", "int4"),
    near: numbers(".", ","),
    certain: { "007": "7", "+12": "12", "-0099": "-99" },
  },
  "long integers": {
    rules: { max: 2 ** 53 },
    target: column("x", "int8"),
    near: fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(String),
    certain: {
      "9007199254740990": "9007199254740990",
      "-123456789012345678": "-123456789012345678",
    },
  },
  "integers as long as they get": {
    rules: {},
    target: column("x", "int8"),
    near: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    certain: { "999999999999999999": "999999999999999999" },
  },
  "decimals as long as they get": {
    rules: {},
    target: column("x", "numeric", { precision: 20, scale: 2 }),
    near: fc.tuple(
      fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
      fc.constantFrom("", ".5", ".995"),
    )
      .map((parts) => parts.join("")),
    certain: { "99999999999999999.995": "99999999999999999.995" },
  },
  "decimal comma": {
    rules: { type: "numeric", decimal: ",", thousands: "." },
    target: NUMERIC,
    near: numbers(",", "."),
    certain: { "1.234,56": "1234.56", "-1234567,8": "-1234567.8", "12": "12", ",5": "0.5" },
  },
  "decimal comma into a text": {
    rules: { type: "numeric", decimal: ",", thousands: " ", min: 0, max: 5000 },
    target: column("x", "varchar", { maxLength: 6 }),
    near: numbers(",", " ", "\u00a0", "\u2008", "\u2009", "\u202f"),
    certain: { "1 234,5": "1234.5", "1\u00a0234": "1234", "2\u202f500": "2500" },
  },
  "apostrophes between thousands": {
    rules: { type: "float", thousands: "'" },
    target: column("x", "float4"),
    near: numbers(".", "'", "\u2019"),
    binary: /^-?\d{1,5}(?:\.\d{1,6})?$/,
    certain: { "1'234.56": "1234.56", "1\u2019234'567": "1234567" },
  },
  "exponents": {
    rules: {},
    target: column("x", "float8"),
    near: numbers(".", ""),
    binary: /^-?\d{1,7}(?:\.\d{1,8})?(?:e-?\d)?$/,
    certain: { "1.50E-05": "1.50e-5", "-2e+10": "-2e10", "7e0": "7", "1.e3": "1e3" },
  },
  "exponents of a numeric": {
    rules: {},
    target: column("x", "numeric"),
    near: numbers(".", ""),
    certain: { "1.50E-05": "1.50e-5" },
  },
  "whole numbers with thousands": {
    rules: { type: "integer", thousands: ".", decimal: "," },
    target: column("x", "int8"),
    near: numbers(",", "."),
    certain: { "1.234.567": "1234567", "+12": "12" },
  },
  "formats of a date": {
    rules: { type: "date", format: ["dd.MM.yyyy", "d.M.yy", "yyyy-MM-dd"] },
    target: column("x", "date"),
    near: fc.oneof(moments("dd.MM.yyyy"), moments("d.M.yy"), moments("yyyy-MM-dd")),
    certain: {
      "29.02.2024": "2024-02-29",
      "1.2.69": "2069-02-01",
      "01.12.70": "1970-12-01",
      "2024-12-31": "2024-12-31",
    },
  },
  "formats that could be either": {
    rules: { type: "date", format: ["MM/dd/yyyy", "dd/MM/yyyy", "yyyyMMdd"] },
    target: column("x", "date"),
    near: fc.oneof(moments("MM/dd/yyyy"), moments("yyyyMMdd")),
    certain: { "03/04/2024": "2024-03-04", "13/04/2024": "2024-04-13", "20240229": "2024-02-29" },
  },
  "a format with names behind one without": {
    rules: { type: "date", format: ["d.M.yyyy", "d MMM yyyy"] },
    target: column("x", "date"),
    near: fc.oneof(moments("d.M.yyyy"), fc.constantFrom("3 Mai 2024", "3 May 2024", "31 Feb 2024")),
    certain: { "3.5.2024": "2024-05-03" },
  },
  "dates in a text": {
    rules: { type: "date", format: ["d.M.yyyy"] },
    target: column("x", "varchar", { maxLength: 10 }),
    near: moments("d.M.yyyy"),
    certain: { "3.5.2024": "2024-05-03" },
  },
  "formats of a timestamp": {
    rules: { type: "timestamp", format: ["dd.MM.yyyy HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSZ"] },
    target: column("x", "timestamptz"),
    near: fc.oneof(moments("dd.MM.yyyy HH:mm:ss"), moments("yyyy-MM-dd'T'HH:mm:ss.SSSZ")),
    certain: {
      "29.02.2024 12:30:00": "2024-02-29 12:30:00",
      "2024-02-29T12:30:00.120Z": "2024-02-29 12:30:00.12+00",
      "2024-02-29T12:30:00.000-0530": "2024-02-29 12:30:00-05:30",
    },
  },
  "dates for a column of timestamps": {
    rules: { type: "date", format: ["dd.MM.yyyy"] },
    target: column("x", "timestamp"),
    near: moments("dd.MM.yyyy"),
    certain: { "29.02.2024": "2024-02-29 00:00:00" },
  },
  "decimals for a column of integers": {
    rules: { type: "numeric", decimal: ",", thousands: ".", max: 5_000_000 },
    target: column("x", "int4"),
    near: numbers(",", "."),
    certain: { "1.234": "1234", "007": "7" },
  },
  "decimals of a limited length for a column of integers": {
    rules: { type: "numeric", decimal: ",", thousands: ".", max_length: 5 },
    target: column("x", "int4"),
    near: numbers(",", "."),
    certain: {},
  },
  "twelve hours": {
    rules: { type: "timestamp", format: ["M/d/yyyy h:mm a"] },
    target: column("x", "timestamp"),
    near: moments("M/d/yyyy h:mm a"),
    certain: {
      "2/9/2024 12:05 AM": "2024-02-09 00:05:00",
      "12/31/2024 1:05 pm": "2024-12-31 13:05:00",
    },
  },
  "formats of a time": {
    rules: { type: "time", format: ["H'h'mm", "HHmmss"] },
    target: column("x", "time"),
    near: fc.oneof(moments("H'h'mm"), moments("HHmmss")),
    certain: { "7h05": "07:05:00", "235959": "23:59:59" },
  },
  "formats whose parts run into each other": {
    rules: { type: "timestamp", format: ["dMMyyyy HHmm", "yyyyMMdd HHmm"] },
    target: column("x", "timestamp"),
    near: fc.oneof(moments("dMMyyyy HHmm"), moments("yyyyMMdd HHmm")),
    certain: {},
  },
  "ISO dates": {
    rules: {},
    target: column("x", "date"),
    near: isoMoments(),
    certain: { "2024-02-29T00:00:00": "2024-02-29", "2024-02-29 00:00:00.000Z": "2024-02-29" },
  },
  "ISO dates in a text": { rules: { type: "date" }, near: isoMoments(), certain: {} },
  "ISO times": {
    rules: {},
    target: column("x", "time"),
    near: isoMoments(),
    binary: /^[\d:]{8}(?:\.\d{1,6})?$/,
    certain: { "12:30": "12:30:00", "12:30:00.250": "12:30:00.25" },
  },
  "ISO timestamps": {
    rules: {},
    target: column("x", "timestamp"),
    near: isoMoments(),
    certain: {
      "2024-02-29": "2024-02-29 00:00:00",
      "2024-02-29T12:30:00": "2024-02-29 12:30:00",
      "2024-02-29 12:30": "2024-02-29 12:30:00",
      "2024-02-29 12:30:00.123450": "2024-02-29 12:30:00.12345",
      "2024-02-29T12:30:00Z": "2024-02-29 12:30:00+00",
    },
  },
  "ISO timestamps with offsets": {
    rules: {},
    target: column("x", "timestamptz"),
    near: isoMoments(),
    binary: /^\d{4}-.{14}(?:\.\d{1,6})?[+-]\d\d(?::\d\d)*$/,
    certain: {
      "2024-02-29T12:30:00+02:00": "2024-02-29 12:30:00+02:00",
      "2024-02-29 12:30:00.5-05": "2024-02-29 12:30:00.5-05:00",
      "2024-02-29 12:30:00 +0545": "2024-02-29 12:30:00+05:45",
      "2024-02-29t12:30:00z": "2024-02-29 12:30:00+00",
    },
  },
  "ISO timestamps in a text": {
    rules: { type: "timestamp" },
    target: column("x", "varchar", { maxLength: 24 }),
    near: isoMoments(),
    certain: {},
  },
  "UUIDs": {
    rules: {},
    target: column("x", "uuid"),
    near: uuids(),
    certain: {
      "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "A0EEBC999C0B4EF8BB6D6BB9BD380A11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    },
  },
  "UUIDs in a text": { rules: { type: "uuid" }, near: uuids(), certain: {} },
  "JSON": {
    rules: {},
    target: column("x", "jsonb"),
    near: jsons(),
    certain: {
      '{"a": [1, -2.5e3, true, null], "é": {"b": "\\u00e9 x"}}':
        '{"a": [1, -2.5e3, true, null], "é": {"b": "\\\\u00e9 x"}}',
      "[]": "[]",
      '"x"': '"x"',
    },
  },
  "JSON in a text": {
    rules: { type: "json", min_length: 3 },
    target: column("x", "varchar", { maxLength: 12 }),
    near: jsons(),
    certain: { '["é"]': '["é"]' },
  },
  "URLs": {
    rules: { type: "url", max_length: 40 },
    near: urls(),
    certain: {
      "https://www.example.org/p/7?q=%20#top": "https://www.example.org/p/7?q=%20#top",
      "http://a-b.example:8080": "http://a-b.example:8080",
    },
  },
  "words for yes and no in a short text": {
    rules: { type: "boolean", true: ["ja", "x"], false: ["nein", "-"] },
    target: column("x", "varchar", { maxLength: 4 }),
    near: fc.constantFrom("ja", "JA", "x", "nein", "Nein", "-", "yes"),
    certain: { "JA": "true", "x": "true" },
  },
  "an address of limited length": {
    rules: { type: "email", min_length: 8, max_length: 12 },
    near: fc.constantFrom("a@b.co", "ada@b.co", "ada@example.com", "ada@exam.com"),
    certain: { "ada@exam.com": "ada@exam.com" },
  },
};

function pipelineOf({ rules, target = column("x") }: Notation, ...others: readonly string[]) {
  const columns = { [target.name]: rule({ from: ["source"], ...rules }) };
  return compile({ columns }, ["source", ...others], [target]);
}

for (const [name, notation] of Object.entries(NOTATIONS)) {
  Deno.test(`${name}: the kernel and the text path agree, whatever is nearly right`, () => {
    const pipeline = pipelineOf(notation);
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(misspelled(notation.near), { minLength: 100, maxLength: 100 }),
        (texts) => {
          // `process` compares the two.
          const outcomes = process(pipeline, texts.map((text) => `${quoted(text)}\n`).join(""), 1);
          const { binary = null } = notation;
          if (binary !== null) {
            const kept = texts.filter((_, i) => binary.test(String(outcomes[i])));
            process(pipeline, kept.map((text) => `${quoted(text)}\n`).join(""), 1);
          }
          good += outcomes.filter((outcome) => typeof outcome === "string").length;
          bad += outcomes.filter((outcome) => typeof outcome !== "string").length;
        },
      ),
      { numRuns: Number(Deno.env.get("NOTATION_RUNS") ?? 30) },
    );
    ok(good > 100 && bad > 100, `${good} texts were good, and ${bad} bad`);
  });

  const { certain } = notation;
  if (Object.keys(certain).length === 0) continue;
  Deno.test(`${name}: the kernel writes what files usually have without its caller`, () => {
    const pipeline = pipelineOf(notation, "filler");
    const [program] = pipeline.programs;
    const write = () => {
      throw new Error("The kernel asked its caller");
    };
    const encoder = new Encoder(
      { ...pipeline, programs: [{ ...program, write }] },
      csvRecords(COMMA, 2),
    );
    // A batch has room for its rows by its length: short values at its end may find none.
    const filler = "x".repeat(100);
    const texts = Object.keys(certain);
    const lines = [...texts, ...texts, texts[0], texts[0]].map((text) =>
      `${quoted(text)},${filler}\n`
    );
    const bytes = new TextEncoder().encode(lines.join(""));
    encoder.input(bytes.length, lines.length).set(bytes);
    const { copyRows } = encoder.encodePiece({ offset: 0, line: 1, row: 1 });
    const rows = new TextDecoder().decode(copyRows).split("\n").slice(0, texts.length);
    deepEqual(rows, Object.values(certain));
  });
}
