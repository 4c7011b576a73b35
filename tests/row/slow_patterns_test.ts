/** Values that suit a definition's pattern badly. */
import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { column, compile, process, rule } from "./rows.ts";

const LONG = "a".repeat(5_000);
const SLOW = "The x field takes too long to compare with its pattern. " +
  "Shorten the value, or simplify the pattern in the definition.";

function judge(more: Partial<ColumnRule>, text: string, columnMore = {}) {
  const columns = { x: rule({ from: ["x"], ...more }) };
  const pipeline = compile({ columns }, ["x"], [column("x", "text", columnMore)]);
  const [outcome] = process(pipeline, `${text}\n`, 1);
  return typeof outcome === "string"
    ? outcome
    : outcome.map(({ code, message }) => [code, message]);
}

Deno.test("a value that would take a pattern years is judged, or fails its row by name", () => {
  const wrong = [["pattern", "The x field has the wrong format."]];
  deepEqual(judge({ pattern: "^(a+)+$" }, `${LONG}b`), wrong);
  deepEqual(judge({ pattern: "^(a+)+$" }, `${"a".repeat(40)}b`), wrong);
  equal(judge({ pattern: "^(a+)+$" }, LONG), LONG);
  deepEqual(judge({ pattern: "^(a*)*$" }, `${LONG}b`), wrong);
  deepEqual(judge({ pattern: "^(a|aa)+\\1$" }, `${LONG}b`), [["pattern", SLOW]]);
  // The rule's own message says what the value should look like, which nobody knows here.
  const own = { pattern: "^(a|aa)+\\1$", message: "must be nothing but a" };
  deepEqual(judge(own, `${LONG}b`), [["pattern", SLOW]]);
});

Deno.test("`replace` takes the same time for 60,000 blanks as for other text, or fails the row", () => {
  const blanks = " ".repeat(60_000);
  const trimmed = {
    trim: false,
    transform: [{ op: "replace", pattern: "\\s+$", with: "" }] as const,
  };
  equal(judge(trimmed, `"${blanks}x${blanks}"`), `${blanks}x`);
  const slow = { transform: [{ op: "replace", pattern: "^(a|aa)+\\1$", with: "" }] as const };
  deepEqual(judge(slow, `${LONG}b`), [["pattern", SLOW]]);
});

Deno.test("blanks in the middle of a value that is too long for its column cost no time", () => {
  const blanks = " ".repeat(60_000);
  deepEqual(judge({}, `x${blanks}y`, { baseType: "varchar", maxLength: 10 }), [
    ["max_length", "The x field must not be longer than 10 characters."],
  ]);
});
