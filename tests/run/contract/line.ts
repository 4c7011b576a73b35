/**
 * What the format promises, line by line: each line is tried with a real file and a real table.
 * Every file is first tried dry, and the real run has to do what the dry run said, row by row.
 */
import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";

export interface Line {
  /** What holds, as the title of a test. */
  readonly says: string;
  /** SQL that creates `t`, and other tables. */
  readonly tables: string;
  /** YAML without `options`. `table: t` is added. */
  readonly definition: string;
  /** In YAML: `batch_rows: 2`. All rows are logged unless it says otherwise. */
  readonly options?: string;
  readonly file: string | Uint8Array;
  /** The rows of `t` afterwards, as Postgres writes them: `(1,Ann,)`. */
  readonly rows: readonly string[];
  /** What `t` is ordered by, and other tables: `select tags::text from tags`. */
  readonly query?: string;
  /** The status of each row of the file, in order; of those that were logged. */
  readonly outcomes: string;
  /** Of failed rows: `2 type age x: The age field must be a whole number.` */
  readonly errors?: readonly string[];
  /** How the run ends, if it is not `completed`, or `completed_with_errors` where rows fail. */
  readonly status?: string;
  /** The code of the run's own failure. */
  readonly failure?: string;
  /** What one of its warnings says. */
  readonly warning?: RegExp;
}

/** One test, with a step for each line: they share a database, and each has its own tables. */
export function contract(area: string, lines: readonly Line[]): void {
  Deno.test(area, async (test) => {
    await using shop = await workshop("select");
    for (const line of lines) {
      await test.step(line.says, async () => {
        await shop.session.execute("drop schema public cascade; create schema public");
        await shop.session.execute(line.tables);
        await holds(shop, line);
      });
    }
  });
}

async function holds(shop: Workshop, line: Line): Promise<void> {
  const options = `log_rows: all, ${line.options ?? ""}`.replace(/^.*(?=log_rows: (?!all))/u, "");
  const yaml = `table: t\n${line.definition}\noptions: { ${options} }\n`;
  const table = () => tableOf(shop, line.query ?? "select t::text from t order by 1");

  const before = await table();
  const dry = await shop.drive(await shop.create(yaml, line.file, { dryRun: true }), 1);
  assert.deepEqual(await table(), before, "the dry run changes nothing");
  const tried = await outcomesOf(shop, dry);
  const run = await shop.drive(await shop.create(yaml, line.file), 1);
  const done = await outcomesOf(shop, run);

  assert.deepEqual(done.errors, line.errors ?? []);
  assert.equal(done.outcomes, line.outcomes);
  assert.deepEqual(await table(), line.rows);
  const expected = line.status ??
    (line.failure !== undefined ? "failed" : line.errors ? "completed_with_errors" : "completed");
  assert.equal(run.status, expected, run.error?.message);
  assert.equal(run.error?.code, line.failure);
  if (line.warning) assert.match(run.warnings.join("\n"), line.warning);
  assert.deepEqual(tried, done, "what the dry run says");
}

async function tableOf({ session }: Workshop, query: string): Promise<readonly string[]> {
  return (await session.query<Record<string, string>>(query)).flatMap((row) => Object.values(row));
}

/** Of each logged row what became of it and why, and the counts. */
async function outcomesOf({ session }: Workshop, { id, summary }: Run) {
  const rows = await session.query<{ status: string }>(
    `select status from ingest.rows where run_id = ${id} order by row_number`,
  );
  const errors = await session.query<{ error: string }>(
    `select concat_ws(' ', row_number, d ->> 'code', d ->> 'column', nullif(d ->> 'value', '')) || ': '
       || coalesce(d ->> 'message', errors #>> array['validation', d ->> 'column', '0'],
         errors ->> 'message') as error
     from ingest.rows, jsonb_array_elements(errors -> 'details') with ordinality as e (d, place)
     where run_id = ${id} and status = 'failed' order by row_number, place`,
  );
  const { created, updated, skipped, failed, related } = summary ?? {};
  return {
    outcomes: rows.map(({ status }) => status).join(" "),
    errors: errors.map(({ error }) => error),
    counts: { created, updated, skipped, failed },
    related,
  };
}
