/** What somebody has settled for a file is written into a definition, and nothing else changes. */
import assert from "node:assert/strict";
import { NotEditable } from "../../src/importer/document/edit_document.ts";
import { editSettings, type FileSettings } from "../../src/importer/document/edit_settings.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

function edited(text: string, settings: Partial<FileSettings>, file = "people.yaml"): string {
  const parsed = parseDefinition(text, file);
  if ("problems" in parsed) throw new Error(parsed.problems[0].message);
  return editSettings(text, file, parsed.definition, { source: {}, columns: {}, ...settings });
}

const PEOPLE = `# Who pays us.
table: people   # in public
columns:
  # As sales writes it.
  name: Full name   # short
  email: { from: [E-Mail, Mail], type: email }
  both: { from: [First, Last], concat: " " }
  note: Remark
key: email
`;

Deno.test("a column gets another heading, and keeps the old ones as aliases", () => {
  const after = edited(PEOPLE, { columns: { name: "Who, really", email: "Address" } });
  assert.equal(
    after,
    PEOPLE.replace("Full name ", '{ from: ["Who, really", Full name] } ')
      .replace("[E-Mail, Mail]", "[Address, E-Mail, Mail]"),
  );
  // One of its own headings comes first.
  assert.match(edited(PEOPLE, { columns: { email: "Mail" } }), /from: \[Mail, E-Mail\]/);
  // Columns that are joined have no aliases.
  assert.match(
    edited(PEOPLE, { columns: { both: "Name" } }),
    /both: \{ from: Name, concat: " " \}/,
  );
  assert.equal(edited(PEOPLE, { columns: { note: "Remark" } }), PEOPLE);
});

Deno.test("columns are added and left out, with their lines", () => {
  assert.equal(
    edited(PEOPLE, { columns: { note: null, born: "Born" } }),
    PEOPLE.replace("  note: Remark\n", "  born: Born\n"),
  );
  assert.equal(edited(PEOPLE, { columns: { unknown: null } }), PEOPLE);
  const flow = "table: t\ncolumns: { a: A, b: B, c: C }\n";
  assert.equal(edited(flow, { columns: { a: null } }), flow.replace("a: A, ", ""));
  assert.equal(edited(flow, { columns: { c: null } }), flow.replace(", c: C", ""));
  const nested = "table: t\ncolumns:\n  a:\n    from: A\n    type: text\n  b: B\n";
  assert.equal(edited(nested, { columns: { a: null } }), "table: t\ncolumns:\n  b: B\n");
});

Deno.test("how the file is read is added to what is there, in YAML and in JSON", () => {
  const source = { delimiter: ";", skip_lines: 2, quote: "none" };
  assert.equal(
    edited("table: t\nkey: id\n", { source }),
    'table: t\nkey: id\nsource: { delimiter: ";", skip_lines: 2, quote: none }\n',
  );
  const json = '{\n  "table": "t",\n  "source": { "skip_lines": 1 }\n}\n';
  assert.deepEqual(JSON.parse(edited(json, { source }, "t.json")), {
    table: "t",
    source: { skip_lines: 2, delimiter: ";", quote: "none" },
  });
});

Deno.test("columns that are matched by name stay matched by name", () => {
  const after = edited("table: t\nkey: id\n", { columns: { name: "Who", note: "Remark" } });
  const parsed = parseDefinition(after, "t.yaml");
  assert.ok("definition" in parsed);
  assert.deepEqual(
    Object.entries(parsed.definition.columns ?? {}).map(([name, { from }]) => [name, from]),
    [["name", ["Who"]], ["id", ["id"]], ["note", ["Remark"]]],
  );
  assert.equal(parsed.definition.options.unmapped, "auto");
});

Deno.test("what only a person can say is refused, with why", () => {
  const cases: readonly (readonly [string, FileSettings["columns"], RegExp])[] = [
    ["table: t\nkey: id\n", { note: null }, /can't leave note out/],
    ["table: t\ncolumns: { a: A }\noptions: { unmapped: auto }\n", { b: null }, /leave b out/],
    ["table: t\ncolumns:\n  a: { value: x }\n", { a: "A" }, /the same value in every row/],
    ["table: t\ncolumns:\n  a: A\n", { a: null }, /without any column/],
    ["table: t\nx-all: &all { from: A }\ncolumns:\n  a: *all\n", { a: "B" }, /alias/],
  ];
  for (const [text, columns, why] of cases) {
    const parsed = parseDefinition(text, "t.yaml");
    if ("problems" in parsed) continue;
    assert.throws(
      () => editSettings(text, "t.yaml", parsed.definition, { source: {}, columns }),
      (error) => error instanceof NotEditable && why.test(error.message),
      text,
    );
  }
});
