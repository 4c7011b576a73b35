import assert from "node:assert/strict";
import type { DefinitionEdit } from "../../src/importer/document/definition_edit.ts";
import { editDocument, NotEditable } from "../../src/importer/document/edit_document.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

const FORMAT: DefinitionEdit = {
  at: { column: "day", key: "format" },
  change: { append: ["yyyy-MM-dd", "dd/MM/yyyy"] },
};
const decimal: DefinitionEdit = { at: { column: "day", key: "decimal" }, change: { set: "," } };
const short: DefinitionEdit = { at: { source: "short_rows" }, change: { set: "fill" } };
const nulls: DefinitionEdit = { at: { source: "null_values" }, change: { append: ["", "N/A"] } };
const squish: DefinitionEdit = {
  at: { column: "day", key: "transform" },
  change: { append: ["squish"] },
};
const one: DefinitionEdit = {
  at: { column: "day", key: "format" },
  change: { append: ["d.M.yyyy"] },
};
const words: DefinitionEdit = {
  at: { column: "day", key: "map" },
  change: { add: { "a: b": "c", "2": null } },
};

function edited(text: string, edits: readonly DefinitionEdit[], file = "t.yaml"): string {
  return editDocument(text, file, edits, (column) => `The ${column}`);
}

Deno.test("only what has to change is changed", () => {
  const cases: readonly (readonly [string, readonly DefinitionEdit[], string])[] = [
    [
      "table: t # here\ncolumns:\n  day: Day  # the day\n  b: 'B'\n",
      [FORMAT],
      "table: t # here\ncolumns:\n  day: { from: Day, format: [yyyy-MM-dd, dd/MM/yyyy] }  # the day\n  b: 'B'\n",
    ],
    [
      "table: t\ncolumns:\n  day: 'D, x'\n",
      [decimal],
      "table: t\ncolumns:\n  day: { from: 'D, x', decimal: \",\" }\n",
    ],
    [
      "table: t\ncolumns:\n  day: D, x\n",
      [decimal],
      'table: t\ncolumns:\n  day: { from: "D, x", decimal: "," }\n',
    ],
    [
      "table: t\ncolumns: { day: { from: Day } }\n",
      [decimal],
      'table: t\ncolumns: { day: { from: Day, decimal: "," } }\n',
    ],
    [
      "table: t\ncolumns: {day: {from: Day,},}\n",
      [decimal],
      'table: t\ncolumns: {day: {from: Day, decimal: ",",},}\n',
    ],
    [
      "table: t\ncolumns:\n  day:\n    # why\n    from: Day # from\n\n  # next\n  b: B",
      [decimal],
      'table: t\ncolumns:\n  day:\n    # why\n    from: Day # from\n    decimal: ","\n\n  # next\n  b: B',
    ],
    [
      "table: t\ncolumns:\n  day:\n    format: yyyy # f\n",
      [one],
      "table: t\ncolumns:\n  day:\n    format: [yyyy, d.M.yyyy] # f\n",
    ],
    [
      "table: t\ncolumns:\n  day:\n    format: [ yyyy, 'MM' ]\n",
      [FORMAT],
      "table: t\ncolumns:\n  day:\n    format: [ yyyy, 'MM', yyyy-MM-dd, dd/MM/yyyy ]\n",
    ],
    [
      "table: t\ncolumns:\n  day:\n    format:\n    -  yyyy # f\n    decimal: x\n",
      [FORMAT],
      "table: t\ncolumns:\n  day:\n    format:\n    -  yyyy # f\n    -  yyyy-MM-dd\n    -  dd/MM/yyyy\n    decimal: x\n",
    ],
    [
      "table: t\ncolumns:\n  day:\n    map:\n      x: y\n",
      [words],
      'table: t\ncolumns:\n  day:\n    map:\n      x: y\n      "2": null\n      "a: b": c\n',
    ],
    ["table: t", [short], "table: t\nsource: { short_rows: fill }"],
    ["table: t\n# end\n", [short], "table: t\nsource: { short_rows: fill }\n# end\n"],
    [
      "table: t\r\nsource:\r\n  type: upload\r\n",
      [short, nulls],
      'table: t\r\nsource:\r\n  type: upload\r\n  short_rows: fill\r\n  null_values: ["", N/A]\r\n',
    ],
    [
      "table: t\n",
      [FORMAT],
      "table: t\ncolumns: { day: { from: The day, format: [yyyy-MM-dd, dd/MM/yyyy] } }\noptions: { unmapped: auto }\n",
    ],
    [
      "table: t\noptions:\n  log_rows: all\n",
      [squish],
      "table: t\noptions:\n  log_rows: all\n  unmapped: auto\ncolumns: { day: { from: The day, transform: [squish] } }\n",
    ],
    [
      "\uFEFFtable: t\ncolumns:\n  day: Day\n",
      [squish],
      "\uFEFFtable: t\ncolumns:\n  day: { from: Day, transform: [squish] }\n",
    ],
    [
      "description: |\n  long\n  text\ntable: t\ncolumns:\n  day: Day\n",
      [squish],
      "description: |\n  long\n  text\ntable: t\ncolumns:\n  day: { from: Day, transform: [squish] }\n",
    ],
    [
      "table: t\ncolumns: { b: B }\ndescription: |\n  long\n\n",
      [short],
      "table: t\ncolumns: { b: B }\ndescription: |\n  long\nsource: { short_rows: fill }\n\n",
    ],
  ];
  for (const [text, edits, expected] of cases) assert.equal(edited(text, edits), expected, text);
});

Deno.test("JSON stays JSON, with its own indentation", () => {
  const text =
    '{\n\t"table": "t",\n\t"columns": {\n\t\t"day": "Day",\n\t\t"b": {"from": "B"}\n\t}\n}\n';
  assert.equal(
    edited(text, [FORMAT, short], "t.json"),
    '{\n\t"table": "t",\n\t"columns": {\n\t\t"day": { "from": "Day", "format": ["yyyy-MM-dd", "dd/MM/yyyy"] },\n' +
      '\t\t"b": {"from": "B"}\n\t},\n\t"source": { "short_rows": "fill" }\n}\n',
  );
  const b: DefinitionEdit = { at: { column: "b", key: "decimal" }, change: { set: "," } };
  assert.equal(
    edited('{"table":"t","columns":{"b":{"from":"B"}}}', [b], "t.json"),
    '{"table":"t","columns":{"b":{"from":"B", "decimal": ","}}}',
  );
});

Deno.test("what an alias shares, or an anchor repeats, is left to people", () => {
  for (
    const text of [
      "table: t\ncolumns:\n  a: &x { from: A }\n  day: *x\n",
      "table: t\ncolumns:\n  day: &x { from: A }\n  b: *x\n",
      "table: t\ncolumns: &c { day: Day }\ndescription: *c\n",
      "- 1\n",
    ]
  ) assert.throws(() => edited(text, [decimal]), NotEditable, text);
});

Deno.test("texts that YAML would read as something else get quotes", () => {
  for (
    const text of [
      "true",
      "no",
      "12",
      "a: b",
      "#x",
      "- x",
      "",
      " x",
      "x ",
      "'",
      '"',
      "\\d+'",
      "null",
      "é",
      "*",
      "a,b",
      "{",
    ]
  ) {
    const edit: DefinitionEdit = {
      at: { column: "day", key: "one_of" },
      change: { append: [text] },
    };
    const parsed = parseDefinition(edited("table: t\ncolumns:\n  day: Day\n", [edit]), "t.yaml");
    assert.ok("definition" in parsed, text);
    assert.deepEqual(parsed.definition.columns?.day.one_of, [text]);
  }
});
