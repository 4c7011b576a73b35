import assert from "node:assert/strict";
import { migrate } from "../../src/db/migrate.ts";
import { OPEN_STATUSES_SQL, RUN_STATUSES } from "../../src/ledger/runs/statuses.ts";
import { TOKEN_SCOPES } from "../../src/ledger/tokens.ts";
import { ROW_STATUSES } from "../../src/row/outcome.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("the tables allow the statuses and scopes that the program knows, and no others", async () => {
  await using db = await testDatabase();
  await migrate(db.session, "ingest");
  const allowed = async (constraint: string) => {
    const [{ check }] = await db.session.query<{ check: string }>(
      "select pg_get_constraintdef(oid) as check from pg_constraint where conname = $1",
      [constraint],
    );
    return wordsOf(check);
  };
  assert.deepEqual(await allowed("runs_status_check"), RUN_STATUSES);
  assert.deepEqual(await allowed("logged_rows_status_check"), ROW_STATUSES);
  assert.deepEqual(await allowed("tokens_scope_check"), TOKEN_SCOPES);
  const [{ predicate }] = await db.session.query<{ predicate: string }>(
    `select pg_get_expr(indpred, indrelid) as predicate from pg_index
     where indexrelid = 'ingest.runs_open'::regclass`,
  );
  assert.deepEqual(wordsOf(predicate), wordsOf(OPEN_STATUSES_SQL));
});

function wordsOf(sql: string): string[] {
  return Array.from(sql.matchAll(/'(\w+)'/gu), ([, word]) => word);
}
