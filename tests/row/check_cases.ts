/** Values that a check takes, and values that it refuses. */
import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";
import { type ErrorCode, MAX_VALUE_LENGTH } from "../../src/row/outcome.ts";
import { value } from "./rows.ts";

export interface CheckCase {
  readonly name: string;
  readonly rules: Partial<ColumnRule>;
  readonly target?: TableColumn;
  readonly code: ErrorCode;
  readonly message: string;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

export function testChecks(cases: readonly CheckCase[]): void {
  for (const { name, rules, target, code, message, bad, good } of cases) {
    Deno.test(`${name} is checked`, () => {
      for (const text of bad) {
        const error = { code, message, column: target?.name ?? "x", value: cut(text) };
        deepEqual(value(text, rules, target), [error], text);
      }
      for (const text of good) equal(typeof value(text, rules, target), "string", text);
    });
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_VALUE_LENGTH);
}
