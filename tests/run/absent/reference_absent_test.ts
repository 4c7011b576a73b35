/**
 * Random tables, files and scopes: with `on_absent`, the table is afterwards what a simple model says,
 * row by row, whatever happens to the run meanwhile; the dry run says the same; an undo gives it all back.
 *
 * `REFERENCE_RUNS=500 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { releaseHeld } from "../../../src/run/request/release.ts";
import { isTerminal } from "../../../src/ledger/runs/statuses.ts";
import { type Workshop, workshop } from "../importing.ts";
import { rowsOf, undo } from "../undo/undoing.ts";

const RUNS = Math.ceil(Number(Deno.env.get("REFERENCE_RUNS") ?? 100) / 20);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

interface Row {
  readonly id: number;
  readonly n: number;
  readonly kind: string;
  readonly gone: boolean;
}

interface Case {
  readonly rows: readonly Row[];
  /** `id`, `n`; an id may come twice. */
  readonly file: readonly (readonly [number, number])[];
  readonly marks: boolean;
  readonly updates: boolean;
  readonly scope: readonly string[];
  readonly most: number;
  /** So many times, the run's connections are ended while it loads. */
  readonly kills: number;
  readonly batchRows: number;
}

const anyId = fc.integer({ min: 1, max: 40 });
const anyCase: fc.Arbitrary<Case> = fc.record({
  rows: fc.uniqueArray(
    fc.record({
      id: anyId,
      n: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom("a", "b"),
      gone: fc.boolean(),
    }, { noNullPrototype: true }),
    { selector: ({ id }) => id, maxLength: 40 },
  ),
  file: fc.array(fc.tuple(anyId, fc.integer({ min: 0, max: 2 })), { maxLength: 40 }),
  marks: fc.boolean(),
  updates: fc.boolean(),
  scope: fc.subarray(["a", "b"], { minLength: 1 }),
  most: fc.constantFrom(0, 3, 100),
  kills: fc.integer({ min: 0, max: 2 }),
  batchRows: fc.integer({ min: 1, max: 15 }),
});

/** Applies the file row by row, and then looks for the others. */
function model({ rows, file, marks, updates, scope }: Case) {
  const table = new Map(rows.map((row) => [row.id, row]));
  for (const [id, n] of file) {
    const old = table.get(id);
    if (old === undefined) table.set(id, { id, n, kind: "a", gone: false });
    else if (updates) table.set(id, { ...old, n, gone: false });
  }
  const inFile = new Set(file.map(([id]) => id));
  const counts = ({ kind, gone }: Row) => scope.includes(kind) && !(marks && gone);
  const inScope = rows.filter(counts);
  const absent = inScope.filter(({ id }) => !inFile.has(id));
  for (const row of absent) {
    if (marks) table.set(row.id, { ...row, gone: true });
    else table.delete(row.id);
  }
  return { table: [...table.values()], absent: absent.length, inScope: inScope.length };
}

function defined({ marks, updates, scope, most, batchRows }: Case): string {
  return [
    ...["table: t", "key: id", `on_duplicate: ${updates ? "update" : "skip"}`],
    `on_absent: ${marks ? "{mark: {column: gone, value: true}}" : "delete"}`,
    `scope: {kind: [${scope.join(", ")}]}`,
    "columns: {id: id, n: n, gone: {value: false}}",
    `options: {transaction: run, undo: updates, max_absent: ${most}, batch_rows: ${batchRows}}`,
  ].join("\n") + "\n";
}

/** Works on the run while somebody ends its connections, until it has ended or is held. */
async function disturbed(shop: Workshop, run: Run, kills: number): Promise<Run> {
  for (let left = kills; left > 0; left--) {
    const driven = shop.drive(run, 2).catch(() => null);
    await shop.session.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await driven;
    const now = await requireRun(shop.ledger, run.id);
    if (isTerminal(now.status) || now.status === "held") return now;
  }
  return await shop.drive(run, 2);
}

async function readTable({ session }: Workshop): Promise<Row[]> {
  return await session.query<Row>("select id, n, kind, gone from t order by id");
}

Deno.test("rows that the file doesn't have: the same as row by row, and an undo gives it back", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int, kind text not null default 'a',
       gone boolean not null default false)`,
  );
  const seen = { held: 0, removed: 0 };
  await fc.assert(
    fc.asyncProperty(anyCase, async (each) => {
      await shop.session.query("truncate t");
      await shop.session.query(
        `insert into t select * from jsonb_to_recordset($1::text::jsonb)
           as r (id int, n int, kind text, gone boolean)`,
        [JSON.stringify(each.rows)],
      );
      const before = await rowsOf(shop);
      const expected = model(each);
      const definition = defined(each);
      const file = `id,n\n${each.file.map((row) => `${row.join(",")}\n`).join("")}`;
      const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
      strictEqual(dry.status, "completed");
      deepStrictEqual(await rowsOf(shop), before, "a dry run leaves no trace");

      let run = await disturbed(shop, await shop.create(definition, file), each.kills);
      const tooMany = expected.absent > each.most || expected.absent > 0 && each.file.length === 0;
      strictEqual(run.status, tooMany ? "held" : "completed", JSON.stringify(run.error));
      if (tooMany) {
        seen.held++;
        deepStrictEqual(await rowsOf(shop), before, "a held run leaves the table alone");
        run = await shop.drive(await releaseHeld(shop.ledger, run.id, "tester", "command"));
        strictEqual(run.status, "completed");
      }
      if (expected.absent > 0) seen.removed++;
      deepStrictEqual(
        await readTable(shop),
        [...expected.table].sort((a, b) => a.id - b.id),
      );
      const did = each.marks ? "marked" : "deleted";
      deepStrictEqual(run.absent, {
        in_scope: expected.inScope,
        absent: expected.absent,
        [did]: expected.absent,
      });
      deepStrictEqual(dry.absent, run.absent, "what the dry run predicts");
      const { seconds: _, ...summary } = run.summary!;
      const { seconds: __, ...predicted } = dry.summary!;
      deepStrictEqual(predicted, summary, "the dry run's counts");

      if (Number(summary.created) + Number(summary.updated) + expected.absent === 0) return;
      ok((await undo(shop, run)).startsWith("completed:"));
      deepStrictEqual(await rowsOf(shop), before, "an undo gives everything back");
    }),
    { numRuns: RUNS, seed: SEED },
  );
  ok(seen.held > 0 && seen.removed > 0, JSON.stringify(seen));
});
