import assert from "node:assert/strict";
import { columnNames } from "../../../src/run/guess/names.ts";

const NAMES: readonly (readonly [string, string])[] = [
  ["E-Mail", "e_mail"],
  ["Full Name", "full_name"],
  ["OrderId", "order_id"],
  ["HTTPStatus", "http_status"],
  ["  Größe (m²) ", "grosse_m2"],
  ["Œuvre", "oeuvre"],
  ["Straße", "strasse"],
  ["Дата", "дата"],
  ["2024", "_2024"],
  ["😀😀", "column_1"],
  ["ctid", "ctid_"],
  ["a\nb\tc", "a_b_c"],
  ['say "hi"', "say_hi"],
  ["__x__", "x"],
];

for (const [name, expected] of NAMES) {
  Deno.test(`${JSON.stringify(name)} becomes ${expected}`, () => {
    assert.deepEqual(columnNames([name]), [expected]);
  });
}

Deno.test("names are unique and have at most 63 bytes, whatever the file calls its columns", () => {
  const long = "ä".repeat(100);
  const header = [
    "Name",
    "name",
    "NAME ",
    "name_2",
    "日本".repeat(50),
    "日本".repeat(51),
    long,
    long,
  ];
  const names = columnNames(header);
  assert.deepEqual(names.slice(0, 4), ["name", "name_2", "name_3", "name_2_2"]);
  assert.equal(new Set(names).size, header.length);
  for (const name of names) assert.ok(new TextEncoder().encode(name).length <= 63, name);
});
