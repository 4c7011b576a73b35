/** Texts that a type takes, with its results, and texts that it refuses. */
import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { messages, value } from "./rows.ts";

export interface TypeCase {
  readonly type: string;
  readonly rule: Partial<ColumnRule>;
  readonly message: string;
  readonly bad: readonly string[];
  /** Source text → what Postgres gets. */
  readonly good: Readonly<Record<string, string>>;
}

export function testTypes(cases: readonly TypeCase[]): void {
  for (const { type, rule, message, bad, good } of cases) {
    if (bad.length > 0) {
      Deno.test(`${type} refuses what it can't be, with one message for all`, () => {
        for (const text of bad) {
          deepEqual(messages(value(text, rule)), [message], JSON.stringify(text));
        }
      });
    }
    Deno.test(`${type} writes equal values in one form`, () => {
      for (const [text, expected] of Object.entries(good)) {
        equal(value(text, rule), expected, JSON.stringify(text));
      }
    });
  }
}
