/** Reads definitions that are right: for tests of what they mean. */
import assert from "node:assert/strict";
import type { ColumnRule, Definition } from "../../src/importer/definition.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

export function accepted(text: string, file = "importers/customers.yaml"): Definition {
  const result = parseDefinition(text, file);
  if ("definition" in result) return result.definition;
  assert.fail(result.problems.map((problem) => problem.message).join("\n"));
}

export function column(text: string): ColumnRule {
  const rule = accepted(`table: t\ncolumns:\n  c: ${text}\n`).columns?.c;
  assert.ok(rule);
  return rule;
}

export const PLAIN: ColumnRule = {
  from: ["c"],
  concat: null,
  value: null,
  type: null,
  required: false,
  trim: true,
  transform: [],
  map: null,
  default: null,
  empty: null,
  min: null,
  max: null,
  min_length: null,
  max_length: null,
  one_of: null,
  pattern: null,
  format: [],
  decimal: ".",
  thousands: null,
  accept: [],
  true: null,
  false: null,
  on_update: "write",
  message: null,
  lookup: null,
  when: null,
};
