/** A table that refuses some rows, and a run in which they have failed: for tests of retries. */
import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import type { Workshop } from "../importing.ts";

/** Values that begin with `bad` are refused, until a test drops the constraint. */
export const ITEMS =
  "create table items (id int, v text, constraint good check (v not like 'bad%'))";
export const MEND = "alter table items drop constraint good";
export const LOG_ALL = "table: items\noptions: { log_rows: all, batch_rows: 2 }\n";

/** Rows 2, 4, 5 and 7 fail; row 1 has two lines. */
export const FILE = 'id,v\n1,"a\nb"\n2,bad2\n3,c\n4,bad4\n5,bad5\n6,f\n7,bad7\n';

export async function failedRun(shop: Workshop, definition = LOG_ALL, file = FILE): Promise<Run> {
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.status, "completed_with_errors");
  return run;
}

/** For `assert.rejects`: a refusal in one line. */
export function refused(expected: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.match(error.message, expected);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}
