import assert from "node:assert/strict";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { isQuick } from "../../../src/run/work/is_quick.ts";

function quick(text: string): boolean {
  const result = parseDefinition(text, "t.yaml");
  if ("problems" in result) throw new Error(result.problems[0].message);
  return isQuick(result.definition);
}

const withPattern = (pattern: string) =>
  `table: t\ncolumns: { a: { from: a, pattern: '${pattern}' } }\n`;
const withReplace = (pattern: string) =>
  `table: t\ncolumns: { a: { from: a, transform: [lower, { replace: { pattern: '${pattern}', with: x } }] } }\n`;
const withSkipped = (pattern: string) => `table: t\nsource: { skip_rows: '${pattern}' }\n`;

Deno.test("a definition without regular expressions is quick", () => {
  assert.equal(quick("table: t\n"), true);
  assert.equal(quick("table: t\ncolumns: { a: { from: a, transform: [upper, squish] } }\n"), true);
});

Deno.test("the usual regular expressions are quick, wherever a definition has them", () => {
  for (const within of [withPattern, withReplace, withSkipped]) {
    assert.equal(quick(within("^\\+[0-9]{6,15}$")), true);
    assert.equal(quick(within("[^0-9+]")), true);
    assert.equal(quick(within("^Sum|^Total")), true);
  }
});

Deno.test("those that backtrack, or have no automaton, are not", () => {
  for (const within of [withPattern, withReplace, withSkipped]) {
    assert.equal(quick(within("^(a+)+$")), false);
    assert.equal(quick(within("(\\w)\\1")), false);
    assert.equal(quick(within("a*a*a*b")), false);
  }
});
