/** What names of files say. */
import assert from "node:assert/strict";
import { namesInTemplate, readFileName } from "../../src/importer/file_name.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

for (
  const [template, name, words] of [
    ["orders-{region}-{day}.csv", "orders-eu-20240131.csv", { region: "eu", day: "20240131" }],
    ["orders-{region}-{day}.csv", "orders-eu-west-1.csv", { region: "eu", day: "west-1" }],
    ["{all}", "a b.csv", { all: "a b.csv" }],
    ["{a}{b}.csv", "xyz.csv", { a: "x", b: "yz" }],
    ["{a}.{b}", "x.tar.gz", { a: "x", b: "tar.gz" }],
    ["orders-{region}.csv", "orders-.csv", null],
    ["orders-{region}.csv", "orders-eu.csv.gz", null],
    ["orders-{region}.csv", "old-orders-eu.csv", null],
    ["{a}-{b}.csv", "-x.csv", null],
    ["{a}-x.csv", "-x.csv", null],
    ["{a}.csv.csv", "x.csv", null],
  ] as const
) {
  Deno.test(`${template} in ${name}: ${JSON.stringify(words)}`, () => {
    assert.deepEqual(readFileName(template, name), words && { name, ...words });
  });
}

Deno.test("a long name is compared at once, whatever the template", () => {
  const template = `${"{a}-".repeat(50)}{b}!`;
  assert.equal(readFileName(template, "-".repeat(100_000)), null);
});

Deno.test("without a template any name is right", () => {
  assert.deepEqual(readFileName(null, "x.csv"), { name: "x.csv" });
  assert.deepEqual(namesInTemplate("{a}-{b_2}-{3}"), ["a", "b_2"]);
});

Deno.test("a part that no template names is no part", () => {
  const yaml = (template: string) =>
    `table: t\nsource:\n  file_name: "${template}"\ncolumns:\n  a: { value: "\${file.regoin}" }\n`;
  const parsed = parseDefinition(yaml("o-{region}.csv"), "t.yaml");
  assert.ok("problems" in parsed);
  assert.match(
    parsed.problems[0].message,
    /file\.regoin.*file\.name.*did you mean "file\.region"/isu,
  );
  const without = parseDefinition(yaml("orders.csv"), "t.yaml");
  assert.ok("problems" in without);
  assert.match(without.problems[0].message, /with parts in braces/u);
});
