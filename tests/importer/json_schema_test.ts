/** The JSON Schema of definitions, as a validator understands it. */
import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { definitionJsonSchema } from "../../src/importer/json_schema/json_schema.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { readPages } from "../docs/pages.ts";
import { readTested } from "../docs/snippets.ts";

const validate = new Ajv({
  strict: true,
  strictRequired: false,
  allErrors: true,
  allowUnionTypes: true,
})
  .compile(definitionJsonSchema());

Deno.test("every definition that the pages show fits the schema", async () => {
  let count = 0;
  for (const page of await readPages()) {
    for (const text of readTested(page, "yaml")) {
      // A part of one, for others to extend.
      if (text.startsWith("# importers/_")) continue;
      assert.equal(validate(parse(text)), true, `${text}\n${JSON.stringify(validate.errors)}`);
      count++;
    }
  }
  assert.ok(count > 20, `the pages show ${count} definitions`);
});

for (
  const wrong of [
    "columns: {a: A}",
    "tabel: people",
    "table: people\nkey: []",
    "table: people\ncolumns: {age: {from: Age, type: integr}}",
    "table: people\ncolumns: {age: {from: Age, mni: 3}}",
    "table: people\ncolumns: {age: {from: Age, min: '3'}}",
    "table: people\ncolumns: {age: {transform: [lowr]}}",
    "table: people\ncolumns: {age: {transform: [{split: {by: ' '}}]}}",
    "table: people\non_duplicate: replace",
    "table: people\nkey: {columns: a}",
    "table: people\nsource: {delimiter: 3}",
    "table: people\nsource: {skip_lines: -1}",
    "table: people\nsource: {null_values: {any: ['-']}}",
    "table: people\nsource: {header: []}",
    "table: people\noptions: {batch_rows: 0}",
    "table: people\noptions: {keep: {rows: 1d}}",
    "- table: people",
  ]
) {
  Deno.test(`the schema and ingest both refuse ${JSON.stringify(wrong)}`, () => {
    assert.equal(validate(parse(wrong)), false);
    assert.ok("problems" in parseDefinition(wrong, "people.yaml"));
  });
}

Deno.test("every key is explained, and its example is one that ingest takes", () => {
  const explained: string[] = [];
  const { definitions } = definitionJsonSchema();
  const visit = (part: unknown, path: readonly string[]) => {
    if (typeof part !== "object" || part === null) return;
    if (Array.isArray(part)) return part.forEach((each) => visit(each, path));
    const { properties, ...others } = part as { readonly properties?: Record<string, Explained> };
    for (const [key, property] of Object.entries(properties ?? {})) {
      const name = [...path, key].join(".");
      assert.match(property.description ?? "", /^[A-Z$a-z].*\.$/u, `${name} is not explained`);
      assert.equal(property.examples?.length, 1, `${name} has no example`);
      const own = new Ajv({ strict: true, allowUnionTypes: true })
        .compile({ ...property, definitions });
      assert.equal(own(property.examples?.[0]), true, `the example of ${name} is wrong`);
      explained.push(name);
      visit(property, [...path, key]);
    }
    Object.values(others).forEach((each) => visit(each, path));
  };
  visit(definitionJsonSchema(), []);
  for (
    const name of [
      "table",
      "source.null_values.any",
      "columns.transform.split.by",
      "options.keep.runs",
    ]
  ) assert.ok(explained.includes(name), `${name} is among ${explained}`);
});

interface Explained {
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** Pieces of a definition that make one in which the example of a column's key is right. */
const BESIDE: Readonly<Record<string, object>> = {
  concat: { from: ["First", "Last"] },
  min: { type: "integer" },
  max: { type: "integer" },
  format: { type: "date" },
  decimal: { type: "numeric" },
  thousands: { type: "numeric", decimal: "," },
  accept: { type: "numeric" },
  true: { type: "boolean", false: ["no"] },
  false: { type: "boolean", true: ["yes"] },
  message: { pattern: "^[A-Z]" },
};

Deno.test("the examples of a column's keys make definitions that are right", () => {
  const schema = definitionJsonSchema();
  const columns = (schema as { properties: { columns: { additionalProperties: unknown } } })
    .properties.columns.additionalProperties as { readonly anyOf: readonly Mapping[] };
  const { properties } = columns.anyOf.find((form) => form.properties !== undefined)!;
  for (const [key, { examples }] of Object.entries(properties!)) {
    const column = { ...BESIDE[key], [key]: examples?.[0] };
    const text = JSON.stringify({
      table: "people",
      key: "id",
      on_duplicate: "update",
      columns: { id: "Id", one: column },
    });
    const parsed = parseDefinition(text, "people.json");
    assert.ok("definition" in parsed, `${text}\n${JSON.stringify(parsed)}`);
  }
});

interface Mapping {
  readonly properties?: Readonly<Record<string, Explained>>;
}
