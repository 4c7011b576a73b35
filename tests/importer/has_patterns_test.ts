import assert from "node:assert/strict";
import { hasPatterns } from "../../src/importer/has_patterns.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

function has(text: string): boolean {
  const result = parseDefinition(text, "t.yaml");
  if ("problems" in result) throw new Error(result.problems[0].message);
  return hasPatterns(result.definition);
}

Deno.test("hasPatterns() finds regular expressions, wherever a definition has them", () => {
  assert.equal(has("table: t\n"), false);
  assert.equal(has("table: t\ncolumns: { a: { from: a, transform: [upper, squish] } }\n"), false);
  assert.equal(has("table: t\ncolumns: { a: { from: a, pattern: '^x' } }\n"), true);
  const replace = "{ replace: { pattern: 'x', with: y } }";
  assert.equal(
    has(`table: t\ncolumns: { a: { from: a, transform: [lower, ${replace}] } }\n`),
    true,
  );
  assert.equal(has("table: t\nsource: { skip_rows: '^Sum' }\n"), true);
});
