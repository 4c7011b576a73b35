/**
 * Runs that add to a look-up table while their connections are cut at random instants: by batches, by
 * batches that are atomic, and as a whole. Rows, added values and counts are those of an undisturbed run.
 *
 * `REFERENCE_RUNS=500 REFERENCE_SEED=1` runs more cases, or others.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "./importing.ts";

/** Rows of a batch. */
const BATCH = 10;

// The sequence counts rows that were tried, also in transactions that are rolled back.
const TABLES = `
  create table companies (id int generated always as identity primary key, name text unique);
  create table people (id int primary key, age int, company_id int references companies);
  create sequence tried;
  create function try() returns trigger language plpgsql as
    $$ begin perform nextval('tried'); return new; end $$;
  create trigger try before insert on people for each row execute function try();`;

const definition = (transaction: string) => `
table: people
columns:
  id: id
  age: age
  company_id: { from: company, lookup: { table: companies, match: name, create: true } }
options: { transaction: ${transaction}, batch_rows: ${BATCH} }
`;

interface Row {
  readonly isBad: boolean;
  readonly company: number;
}

const anyCase = fc.record({
  rows: fc.array(
    fc.record({
      isBad: fc.nat(60).map((n) => n === 0),
      company: fc.nat(25),
    }),
    { minLength: 60, maxLength: 150 },
  ),
  hasBad: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 3 }),
  workers: fc.integer({ min: 1, max: 3 }),
});

/** The indexes of the rows that end up in the table. */
function loadedRows(rows: readonly Row[], transaction: string): readonly number[] {
  const size = transaction === "batch" ? 1 : transaction === "atomic" ? BATCH : rows.length;
  return [...rows.keys()].filter((index) => {
    const from = Math.floor(index / size) * size;
    return !rows.slice(from, from + size).some(({ isBad }) => isBad);
  });
}

async function disturb(shop: Workshop, cuts: readonly number[], isOver: () => boolean) {
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    for (;;) {
      if (isOver()) return;
      const [{ tried }] = await shop.session.query<{ tried: number }>(
        "select case when is_called then last_value else 0 end as tried from tried",
      );
      if (tried >= cut) break;
    }
    await shop.database.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> $2",
      [shop.database.config.database, shop.session.backendPid],
    );
  }
}

async function found({ session, ledger }: Workshop, run: Run) {
  const people = await session.query<{ row: string }>(
    "select p.id || ' ' || c.name as row from people p join companies c on c.id = company_id",
  );
  const [{ names }] = await session.query<{ names: number }>(
    "select count(*) as names from companies",
  );
  const { created, failed } = await readProgress(ledger, run.id);
  const [{ held }] = await session.query<{ held: number }>(
    "select count(*) as held from ingest.rows where run_id = $1 and status = 'failed'",
    [run.id],
  );
  return {
    people: people.map(({ row }) => row).toSorted(),
    ...{ names, created, failed, logged: held },
    added: run.summary?.added,
  };
}

for (const transaction of ["batch", "atomic", "run"]) {
  Deno.test(`with transaction: ${transaction}, cut connections lose, double and add nothing`, async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ rows: any, hasBad, cuts, workers }) => {
        const rows = any.map((row) => ({ ...row, isBad: row.isBad && hasBad }));
        await using shop = await workshop(TABLES);
        const lines = rows.map(({ isBad, company }, i) => `${i},${isBad ? "old" : 7},c${company}`);
        const file = `id,age,company\n${lines.join("\n")}\n`;
        const run = await shop.create(definition(transaction), file);
        let isOver = false;
        const driving = shop.drive(run, workers).finally(() => isOver = true);
        const [ended] = await Promise.all([driving, disturb(shop, cuts, () => isOver)]);
        const loaded = loadedRows(rows, transaction);
        const names = new Set(loaded.map((index) => rows[index].company)).size;
        const bad = rows.filter(({ isBad }) => isBad).length;
        const failed = transaction === "run" ? bad : rows.length - loaded.length;
        assert.deepEqual(await found(shop, ended), {
          people: loaded.map((index) => `${index} c${rows[index].company}`).toSorted(),
          ...{ names, created: loaded.length, failed, logged: failed },
          added: names === 0 ? undefined : { companies: names },
        });
        const wanted = bad === 0 ? "completed" : "completed_with_errors";
        assert.equal(ended.status, bad > 0 && transaction === "run" ? "failed" : wanted);
      }),
      {
        numRuns: Math.ceil(Number(Deno.env.get("REFERENCE_RUNS") ?? 100) / 20),
        seed: Number(Deno.env.get("REFERENCE_SEED") ?? 20240229),
      },
    );
  });
}
