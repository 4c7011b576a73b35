import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { accepted, column, PLAIN } from "./accepted.ts";

Deno.test("a time zone is kept as written", () => {
  for (const zone of ["Europe/Berlin", "UTC", "asia/kolkata", "EST5EDT"]) {
    assert.equal(accepted(`table: t\ntime_zone: ${zone}`).time_zone, zone);
  }
});

Deno.test("everything but the table has a default", () => {
  assert.deepEqual(accepted("table: customers"), {
    slug: "customers",
    table: "customers",
    time_zone: null,
    description: null,
    source: {
      type: "upload",
      path: null,
      override: false,
      format: "auto",
      delimiter: "auto",
      quote: "auto",
      escape: null,
      encoding: "auto",
      header: true,
      sheet: null,
      skip_lines: 0,
      skip_after_header: 0,
      skip_footer: 0,
      skip_rows: [],
      skip_empty_rows: true,
      short_rows: "fail",
      comment: null,
      null_values: [""],
    },
    key: [],
    key_where: null,
    on_duplicate: "fail",
    on_missing: "insert",
    compare: null,
    identity: null,
    columns: null,
    options: {
      batch_rows: 50_000,
      batch_bytes: 4_000_000,
      transaction: "batch",
      log_rows: "failed",
      strict_headers: false,
      unmapped: "ignore",
      max_errors: null,
      sequences: "warn",
      undo: "inserts",
      undo_for: 7 * 24 * 60 * 60 * 1000,
      once: false,
      keep: {},
      max_failed_rows_logged: 1_000_000,
    },
  });
});

Deno.test("a key may have the condition of its unique index", () => {
  const where = "deleted_at is null";
  const one = accepted(`table: t\nkey: {columns: email, where: ${where}}`);
  assert.deepEqual([one.key, one.key_where, one.on_duplicate], [["email"], where, "skip"]);
  const several = accepted(`table: t\nkey: {columns: [a, 007], where: "${where}"}`);
  assert.deepEqual([several.key, several.key_where], [["a", "007"], where]);
});

Deno.test("a definition says what becomes of numbers that Postgres would give itself", () => {
  const said = accepted("table: t\nidentity: keep\noptions: { sequences: advance }");
  assert.equal(said.identity, "keep");
  assert.equal(said.options.sequences, "advance");
  assert.equal(accepted("table: t\nidentity: generate").identity, "generate");
});

Deno.test("a definition says what is remembered for an undo, and for how long", () => {
  const said = accepted("table: t\noptions: { undo: updates, undo_for: 4w }");
  assert.deepEqual([said.options.undo, said.options.undo_for], ["updates", 28 * 24 * 3_600_000]);
  assert.equal(accepted("table: t\noptions: { undo: off }").options.undo, "off");
});

Deno.test("JSON and YAML of the same definition are the same", () => {
  const yaml = "table: t\nkey: id\ncolumns: {id: Id, price: {from: Price, default: 1.50}}";
  const json = '{"table": "t", "key": "id", "columns": {"id": "Id", ' +
    '"price": {"from": "Price", "default": 1.50}}}';
  assert.deepEqual(accepted(json, "importers/customers.json"), accepted(yaml));
});

Deno.test("where text is expected, numbers, words and nulls are taken as written", () => {
  assert.equal(column("{default: 007}").default, "007");
  assert.equal(column("{default: 1.0}").default, "1.0");
  assert.equal(column("{default: null}").default, null);
  assert.equal(column("{value: 0x1F}").value, "0x1F");
  assert.deepEqual(column("{one_of: [1.0, 2.50, True, no, '3']}").one_of, [
    "1.0",
    "2.50",
    "True",
    "no",
    "3",
  ]);
  assert.deepEqual(column("{map: {01: 1.0, true: 007, yes: null, null: x}}").map, {
    "01": "1.0",
    true: "007",
    yes: null,
    null: "x",
  });
  assert.deepEqual(column("{true: [yes, 1, true], false: no}"), {
    ...PLAIN,
    true: ["yes", "1", "true"],
    false: ["no"],
  });
  assert.deepEqual(column("{from: [2024, 1.0]}").from, ["2024", "1.0"]);
  assert.deepEqual(column("2024").from, ["2024"]);
  const source = accepted("table: t\nsource: {null_values: ['', NULL, ~, 0, NA], header: [1, b]}");
  assert.deepEqual(source.source.null_values, ["", "NULL", "~", "0", "NA"]);
  assert.deepEqual(source.source.header, ["1", "b"]);
});

Deno.test("every form of a transform is read", () => {
  const { transform } = column(`
    from: [a, b]
    transform:
      - squish
      - {replace: {pattern: "\\\\s+", with: 0}}
      - {prefix: 00}
      - {suffix: "!"}
      - {split: {by: "-", index: -1}}
      - {default: 1.0}
      - {map: {a: 1, b: null}}
      - {concat: " "}
      - number`);
  assert.deepEqual(transform, [
    { op: "squish" },
    { op: "replace", pattern: "\\s+", with: "0" },
    { op: "prefix", text: "00" },
    { op: "suffix", text: "!" },
    { op: "split", by: "-", index: -1 },
    { op: "default", value: "1.0" },
    { op: "map", values: { a: "1", b: null } },
    { op: "concat", by: " " },
    { op: "number" },
  ]);
});

Deno.test("types may have their usual other names", () => {
  for (
    const [name, type] of [
      ["string", "text"],
      ["int", "integer"],
      ["bigint", "integer"],
      ["smallint", "integer"],
      ["decimal", "numeric"],
      ["number", "numeric"],
      ["double", "float"],
      ["real", "float"],
      ["bool", "boolean"],
      ["datetime", "timestamp"],
      ["timestamptz", "timestamp"],
      ["uuid", "uuid"],
    ]
  ) assert.equal(column(`{type: ${name}}`).type, type);
});

Deno.test("with a key, a duplicate is skipped unless the definition says otherwise", () => {
  assert.equal(accepted("table: t\nkey: id").on_duplicate, "skip");
  assert.equal(accepted("table: t\nkey: id\non_duplicate: fail").on_duplicate, "fail");
  assert.equal(accepted("table: t\non_duplicate: fail").on_duplicate, "fail");
});

Deno.test("a key may be a target, a source or any of its aliases", () => {
  for (const key of ["email", "E-Mail", "Mail"]) {
    const definition = accepted(`table: t\nkey: ${key}\ncolumns: {email: {from: [E-Mail, Mail]}}`);
    assert.deepEqual(definition.key, [key]);
  }
});

Deno.test("sizes and limits are read with their units", () => {
  const options = (text: string) => accepted(`table: t\noptions: {${text}}`).options;
  for (
    const [size, bytes] of [
      ["1MB", 1_000_000],
      ["1 MiB", 1_048_576],
      ["64KB", 64_000],
      ["64kib", 65_536],
      ["0.5MB", 500_000],
      ["100B", 100],
      ["4096", 4096],
      ["0.1GB", 100_000_000],
    ]
  ) assert.equal(options(`batch_bytes: ${size}`).batch_bytes, bytes);
  assert.deepEqual(options("max_errors: 0").max_errors, { rows: 0 });
  assert.deepEqual(options("max_errors: 10%").max_errors, { percent: 10 });
  assert.deepEqual(options('max_errors: "2.5 %"').max_errors, { percent: 2.5 });
});

Deno.test("the slug is the file's name unless the file has one", () => {
  assert.equal(accepted("table: t", "a/b/daily_2.yml").slug, "daily_2");
  assert.equal(accepted("table: t\nslug: 2024", "a/b/daily.yml").slug, "2024");
  assert.equal(accepted("table: t\nslug: other", "a/Not A Slug.yml").slug, "other");
});

Deno.test("tables may have a schema and any name in quotes", () => {
  for (const table of ["t", "public.t", '"My Table"', '"a.b"."c""d"', "Überweisung", "a$1"]) {
    assert.equal(accepted(`table: '${table}'`).table, table);
  }
});

Deno.test("constants may contain the run, its user and the row's number", () => {
  const value = "${run.id}/${run.user}/${row.number}";
  assert.equal(column(`{value: "${value}"}`).value, value);
});

Deno.test("positions hold the line of every key", () => {
  const text = "table: t\ncolumns:\n  a: A\n  b:\n    from: [B,\n      C]\n";
  const result = parseDefinition(text, "a.yaml");
  assert.ok("positions" in result);
  const lines = ["table", "columns", "columns.a", "columns.b", "columns.b.from[1]"].map((path) =>
    result.positions.get(path)
  );
  assert.deepEqual(lines, [1, 2, 3, 4, 6]);
});
