import assert from "node:assert/strict";
import { accepted } from "./accepted.ts";

Deno.test("an encoding may be written by any of its names, or by its number", () => {
  for (const name of ["cp850", "IBM850", "850", '"850"']) {
    assert.equal(accepted(`table: t\nsource: { encoding: ${name} }\n`).source.encoding, "ibm850");
  }
  assert.equal(accepted("table: t\nsource: { encoding: 1252 }\n").source.encoding, "windows-1252");
});

Deno.test("a delimiter may be called tab", () => {
  assert.equal(accepted("table: t\nsource: {delimiter: tab}").source.delimiter, "\t");
  assert.equal(accepted('table: t\nsource: {delimiter: "\\t"}').source.delimiter, "\t");
  assert.equal(accepted('table: t\nsource: {delimiter: ";"}').source.delimiter, ";");
});

Deno.test("a quote is a character, none, or left to detection", () => {
  for (const quote of ['"', "'", "none", "auto"]) {
    const { source } = accepted(`table: t\nsource: {quote: ${JSON.stringify(quote)}}`);
    assert.equal(source.quote, quote);
  }
});

Deno.test("empty rows are skipped unless the definition says otherwise, comments if it does", () => {
  const { source } = accepted(
    'table: t\nsource: {skip_empty_rows: false, short_rows: fill, comment: "#"}',
  );
  assert.equal(source.skip_empty_rows, false);
  assert.equal(source.short_rows, "fill");
  assert.equal(source.comment, "#");
});

Deno.test("a backslash that escapes makes \\N null, unless the definition says otherwise", () => {
  const { source } = accepted("table: t\nsource: {escape: '\\', delimiter: '||'}");
  assert.deepEqual([source.escape, source.delimiter], ["\\", "||"]);
  assert.deepEqual(source.null_values, ["", "\\N"]);
  const own = accepted("table: t\nsource: {escape: '\\', null_values: ['-']}");
  assert.deepEqual(own.source.null_values, ["-"]);
});

Deno.test("null_values may be for fields without quotes only", () => {
  const source = (text: string) => accepted(`table: t\nsource: { null_values: ${text} }`).source;
  assert.deepEqual(source('["", "NULL"]').null_values, ["", "NULL"]);
  assert.equal(source('["", "NULL"]').unquoted_nulls, undefined);
  const mapped = source('{unquoted: ["", null, 0], any: ["N/A"]}');
  assert.deepEqual([mapped.null_values, mapped.unquoted_nulls], [["N/A"], ["", "null", "0"]]);
  assert.deepEqual(source('{unquoted: [""]}').null_values, []);
});

Deno.test("columns of fixed width are said by widths or by positions", () => {
  const fields = (text: string) => {
    const { source } = accepted(`table: t\nsource: { format: fixed, ${text} }`);
    assert.deepEqual(source.header, []);
    return source.fixed?.map(({ name, start, end }) => [name, start, end]);
  };
  assert.deepEqual(fields("widths: { Name: 20, City: 15 }"), [["Name", 0, 20], ["City", 20, 35]]);
  assert.deepEqual(fields('positions: { Rest: 39-, Name: 1-20, "2": 24, Sum: 30 - 38 }'), [
    ["Name", 0, 20],
    ["2", 23, 24],
    ["Sum", 29, 38],
    ["Rest", 38, null],
  ]);
});

Deno.test("in columns of fixed width and in COPY's text, a header is the exception", () => {
  const header = (text: string) => accepted(`table: t\nsource: { ${text} }`).source.header;
  assert.deepEqual(header("format: copy"), []);
  assert.equal(header("format: copy, header: true"), true);
  assert.deepEqual(header("format: copy, header: [a, b]"), ["a", "b"]);
  assert.equal(header("format: fixed, widths: { a: 1 }, header: true"), true);
});
