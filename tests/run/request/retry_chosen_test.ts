/** A retry of the rows with certain errors is a retry like any other, of these rows only. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import type { ErrorsAsked } from "../../../src/run/request/choose_errors.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { type Workshop, workshop } from "../importing.ts";
import { contents, logged, makeRetry, retry, tryRetry, unresolved } from "../retrying.ts";

const ITEMS = `create table items (id int primary key, v text, age int check (age <> 13))`;
const definition = (batchRows: number, ages = "integer, min: 0", v = "max_length: 3") => `
table: items
key: [id]
on_duplicate: fail
columns:
  id: id
  v: { from: v, ${v} }
  age: { from: age, type: ${ages} }
options: { batch_rows: ${batchRows} }
`;
const only = (asked: Partial<ErrorsAsked>): ErrorsAsked => ({
  ...{ groups: [], codes: [], columns: [], ...asked },
});

/** Row n of the file has the id n. */
function file(rows: readonly (readonly [string, string])[]): string {
  return ["id,v,age", ...rows.map(([v, age], i) => `${i + 1},${v},${age}`), ""].join("\n");
}

async function tried(shop: Workshop, run: number): Promise<number[]> {
  const { session } = shop;
  const rows = await session.query<{ row: number }>(
    `select row_number as row from ingest.rows where claimed_by_run_id = $1 order by 1`,
    [run],
  );
  return rows.map(({ row }) => row);
}

const value = fc.tuple(
  fc.constantFrom("ok", "too long", "also too long", "a b"),
  fc.constantFrom("1", "x", "-5", "13", ""),
);

Deno.test("a retry of some errors tries exactly the rows that have them and are not fixed, and the original knows", async () => {
  await using shop = await workshop(ITEMS);
  const columns = fc.constantFrom<Partial<ErrorsAsked>[]>(
    [{ columns: ["v"] }, { columns: ["age"] }],
    [{ codes: ["min"] }, { codes: ["check", "max_length"] }, { codes: ["type"] }],
    [{ columns: ["age"], codes: ["type"] }, { codes: ["validation"] }],
  );
  const check = fc.asyncProperty(
    fc.array(value, { minLength: 1, maxLength: 60 }),
    fc.constantFrom(2, 7, 1000),
    columns,
    async (rows, batchRows, filters) => {
      await shop.session.execute("truncate items");
      const run = await shop.drive(await shop.create(definition(batchRows), file(rows)));
      const fixed = new Set<number>();
      const has = ({ codes = [], columns = [] }: Partial<ErrorsAsked>, row: number) => {
        const [v, age] = rows[row - 1];
        const own = [
          ...(v.length > 3 ? [["max_length", "v"]] : []),
          ...(age === "x" ? [["type", "age"]] : []),
          ...(age === "-5" ? [["min", "age"]] : []),
        ];
        const all = own.length > 0
          ? [...own, ["validation", ""]]
          : age === "13"
          ? [["check", "age"]]
          : [];
        return all.some(([code, column]) =>
          (codes.length === 0 || codes.includes(code)) &&
          (columns.length === 0 || columns.includes(column))
        );
      };
      for (const filter of filters) {
        const expected = rows.map((_, i) => i + 1)
          .filter((row) => has(filter, row) && !fixed.has(row));
        // Long texts are right now, wrong ages still are not.
        const how = { definition: definition(batchRows, "integer, min: 0", "required: true") };
        const made = await tryRetry(shop, run.id, { ...how, only: only(filter) });
        if (!made.made) {
          assert.deepEqual(expected, [], made.because);
          continue;
        }
        const again = await shop.drive(made.run);
        assert.deepEqual(await tried(shop, again.id), expected);
        for (const row of expected) if (["1", ""].includes(rows[row - 1][1])) fixed.add(row);
        const { progress } = await runReport(shop.ledger, again.id, { rows: 0 });
        assert.deepEqual([progress.processed, progress.total], [expected.length, expected.length]);
      }
      const failed = rows.filter(([v, age]) => v.length > 3 || ["x", "-5", "13"].includes(age));
      assert.equal(await unresolved(shop, run.id), failed.length - fixed.size);
      const loaded = rows.flatMap(([v, age], i) =>
        (v.length <= 3 && ["1", ""].includes(age)) || fixed.has(i + 1) ? [`${i + 1}=${v}`] : []
      );
      assert.deepEqual(new Set(await contents(shop)), new Set(loaded));
    },
  );
  await fc.assert(check, { seed: 1, numRuns: 5 });
});

/** Rows 1, 4, 7 … have no number; rows 2, 5, 8 … are too long. */
const MIXED = Array.from(
  { length: 60 },
  (_, i): readonly [string, string] =>
    i % 3 === 0 ? ["ok", "x"] : i % 3 === 1 ? ["too long", "1"] : ["ok", "1"],
);
const LONG = MIXED.flatMap((_, i) => i % 3 === 1 ? [i + 1] : []);
const MENDED = definition(5, "integer", "required: true");

Deno.test("a retry of some errors that is cancelled and resumed goes on with the same rows", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.drive(await shop.create(definition(5), file(MIXED)));
  const how = { definition: MENDED, only: only({ columns: ["v"] }) };
  const again = await makeRetry(shop, run.id, how);
  await cancelRun(shop.ledger, again.id, null);
  await shop.drive(again);
  assert.deepEqual(await tried(shop, again.id), []);
  // Meanwhile, another one fixes some of them.
  const other = await retry(shop, run.id, {
    definition: MENDED,
    only: only({ codes: ["type"] }),
  });
  assert.equal(other.status, "completed_with_errors");
  await reopenForResume(shop.ledger, again.id, null, undefined);
  const ended = await shop.drive(await requireRun(shop.ledger, again.id));
  assert.equal(ended.status, "completed");
  assert.deepEqual(await tried(shop, again.id), LONG);
  assert.equal(await unresolved(shop, run.id), 20);
});

Deno.test("a dry run of some errors changes nothing, and a retry of a retry may choose again", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.drive(await shop.create(definition(5), file(MIXED)));
  const dry = await retry(shop, run.id, {
    ...{ definition: MENDED, dryRun: true, only: only({ columns: ["v"] }) },
  });
  assert.deepEqual((await runReport(shop.ledger, dry.id, { rows: 0 })).progress.created, 20);
  assert.equal(await unresolved(shop, run.id), 40);
  const first = await retry(shop, run.id);
  assert.equal((await logged(shop, first.id)).length, 40);
  const second = await retry(shop, first.id, {
    ...{ definition: MENDED, only: only({ codes: ["max_length"] }) },
  });
  assert.deepEqual(await tried(shop, second.id), LONG);
  assert.equal(await unresolved(shop, run.id), 20);
  assert.equal(await unresolved(shop, first.id), 20);
});

Deno.test("a retry of errors that are all fixed, or that nobody has, starts nothing", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.drive(await shop.create(definition(5), file(MIXED)));
  await retry(shop, run.id, { definition: MENDED, only: only({ columns: ["v"] }) });
  const because = async (asked: Partial<ErrorsAsked>) => {
    const made = await tryRetry(shop, run.id, { only: only(asked) });
    assert.ok(!made.made);
    return made.because;
  };
  assert.equal(
    await because({ columns: ["v"] }),
    "Nothing is left to retry: the 20 failed rows of run 1 that have column v are all fixed or waived.",
  );
  assert.match(await because({ codes: ["lookup"] }), /^No failed row of run 1 has code lookup\./);
  await assert.rejects(because({ groups: ["dead"] }), /^NoSuchGroup: Run 1 has no group dead\./);
  const active = await makeRetry(shop, run.id, { only: only({ codes: ["type"] }) });
  await assert.rejects(
    because({ codes: ["type"] }),
    new RegExp(`^Refused: Cannot retry run 1: run ${active.id} is already retrying run 1\\.`),
  );
});

Deno.test("five rows at the end of a long log are retried without reading the log", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.drive(await shop.create(definition(1000), file([["too long", "1"]])));
  await shop.session.execute(
    `alter table ingest.logged_rows set (autovacuum_enabled = off);
     insert into ingest.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select 1, n, n + 1, 'failed', convert_to(n || ',ok,1', 'UTF8'), '{}', errors
     from ingest.logged_rows, generate_series(2, 30000) n;
     update ingest.batch_errors set rows = decode('b0ea0104', 'hex'), last_row = 30004
     where kind = 'validation';
     insert into ingest.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select 1, n, n + 1, 'failed', convert_to(n || ',ok,1', 'UTF8'), '{}', errors
     from ingest.logged_rows, generate_series(30001, 30004) n where row_number = 1`,
  );
  const again = await makeRetry(shop, run.id, {
    definition: MENDED,
    only: only({ columns: ["v"] }),
  });
  const read = async () => {
    await shop.session.query("select pg_stat_force_next_flush()");
    const [{ n }] = await shop.session.query<{ n: number }>(
      `select sum(idx_tup_fetch + seq_tup_read)::bigint as n from pg_stat_user_tables
       where relname = 'logged_rows'`,
    );
    return n;
  };
  const before = await read();
  const ended = await shop.drive(again);
  const rowsRead = await read() - before;
  assert.equal(ended.status, "completed");
  assert.deepEqual(await tried(shop, again.id), [30000, 30001, 30002, 30003, 30004]);
  assert.ok(rowsRead < 1000, `${rowsRead} rows were read`);
});
