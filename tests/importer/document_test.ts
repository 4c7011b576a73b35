import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { findJsonError } from "../../src/importer/document/json_syntax.ts";

function messages(text: string, file: string): readonly string[] {
  const result = parseDefinition(text, file);
  assert.ok("problems" in result, `accepted: ${text}`);
  return result.problems.map((problem) => problem.message);
}

Deno.test("broken YAML is reported with its line", () => {
  for (
    const [text, expected] of [
      ["table: a\n  key: b\n", "a.yaml:1: not valid YAML: Nested mappings are not allowed"],
      ["table: a\nkey: [b\n", "a.yaml:3: not valid YAML: Flow sequence in block collection"],
      ["table: a\ntext: 'b\n", "a.yaml:3: not valid YAML: Missing closing 'quote"],
      ["table: a\n\tkey: b\n", "a.yaml:2: not valid YAML: Tabs are not allowed"],
      ["table: a\nkey: *b\n", "a.yaml:2: key: *b refers to nothing: there is no &b"],
      ["table: a\nkey: !b c\n", "a.yaml:2: not valid YAML: Unresolved tag"],
      [
        "table: a\n---\ntable: b\n",
        "a.yaml:2: not valid YAML: a line `---` begins a second document",
      ],
    ]
  ) {
    const [first] = messages(text, "a.yaml");
    assert.ok(first.startsWith(expected), `${first}\n${expected}`);
  }
});

Deno.test("broken JSON is reported as JSON, with its line", () => {
  for (
    const [text, expected] of [
      ['{\n "table": "a",\n}', "3: not valid JSON: found `}`, expected a key in double quotes"],
      [
        '{\n "table": "a"\n "key": "b"}',
        '3: not valid JSON: found `"key"`, expected a comma or `}`',
      ],
      ['{\n table: "a"}', "2: not valid JSON: found `table`, expected a key in double quotes"],
      ['{"table": "a"', "1: not valid JSON: found the end of the file, expected a comma or `}`"],
      [
        '{\n// x\n"table": "a"}',
        "2: not valid JSON: found a comment, expected a key in double quotes",
      ],
      ['{"table": "a"} {}', "1: not valid JSON: found `{`, expected the end of the file"],
      ['{"table"}', "1: not valid JSON: found `}`, expected a colon"],
      ['{"table": 01}', "1: not valid JSON: found `1`, expected a comma or `}`"],
      ["table: a", "1: not valid JSON: found `table`, expected a value"],
      [
        '{"table": "a\n"}',
        "1: not valid JSON: found a string without an end, or with a character that must " +
        "be escaped, expected a value",
      ],
      ['{\n"table": "a",\n"table": "b"}', "3: table: duplicate key; it is already on line 2"],
      ['{"table": "a",\n"ky": "b"}', '2: ky: unknown key; did you mean "key"?'],
    ]
  ) {
    assert.deepEqual(messages(text, "a.json"), [`a.json:${expected}`]);
  }
});

Deno.test("findJsonError agrees with JSON.parse about every text", () => {
  const texts = [
    "1",
    "-0.5e+3",
    '"\\u00e9\\n"',
    "[]",
    "{}",
    ' [1, {"a": [true, false, null]}, "b"]\n',
    '{"a": {"b": []}}',
    "",
    " ",
    "[1,]",
    "[,]",
    "{,}",
    "nul",
    "+1",
    ".5",
    "1.",
    '"\\x"',
    "'a'",
    "[1 2]",
    "]",
    '{"a": 1 "b"}',
    '{"a" 1}',
    '"\u0001"',
    "\u00a0{}",
    "NaN",
    '"\ud83d\ude00"',
  ];
  for (const text of texts) {
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    assert.equal(findJsonError(text) === null, valid, JSON.stringify(text));
  }
});

Deno.test("endlessly nested JSON is refused and doesn't crash", () => {
  assert.match(messages("[".repeat(100_000), "a.json")[0], /expected fewer levels/u);
});

Deno.test("a byte order mark is not part of the definition", () => {
  assert.ok("definition" in parseDefinition("\uFEFFtable: a", "a.yaml"));
  assert.ok("definition" in parseDefinition('\uFEFF{"table": "a"}', "a.json"));
});

Deno.test("JSON may be indented with tabs", () => {
  assert.ok("definition" in parseDefinition('{\n\t"table": "a",\n\t"key": "b"\n}', "a.json"));
});

Deno.test("a YAML alias is replaced by its target, and a circular one is refused", () => {
  const shared = "table: a\ncolumns:\n  x: &age {type: integer, min: 0}\n  y: *age\n";
  const result = parseDefinition(shared, "a.yaml");
  assert.ok("definition" in result);
  assert.equal(result.definition.columns?.y.min, 0);
  assert.deepEqual(messages("table: a\ncolumns: &c\n  y: Y\n  x: {from: *c}\n", "a.yaml"), [
    "a.yaml:4: columns.x.from.x.from: *c refers to something that contains it",
    "a.yaml:4: columns.x.from: found a mapping, expected a source column or a list of them",
  ]);
});

Deno.test("aliases of aliases of aliases are not followed forever", () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const item = level === 0 ? "x" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(10).fill(item).join(", ")}]`;
  });
  const found = messages(`table: t\n${levels.join("\n")}`, "a.yaml");
  assert.ok(found.some((message) => message.includes("is repeated too often by aliases")));
});
