import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../src/db/session.ts";
import type { Ended } from "../cli/start_program.ts";
import { FILES, type ItemsFormat } from "./commands/files.ts";
import { type Interruption, newWorld, ROWS, type World } from "./commands/world.ts";

/**
 * Sequences of commands; more with COMMANDS_RUNS=100, others with COMMANDS_SEED=2. A sequence
 * takes some 10 seconds.
 */
const RUNS = Number(Deno.env.get("COMMANDS_RUNS") ?? 3);
const SEED = Number(Deno.env.get("COMMANDS_SEED") ?? 1);

interface Step {
  readonly what: "resume" | "retry" | "two retries" | "resume and retry" | "dry retry" | "loosen";
  /** Which of the runs in question. */
  readonly which: number;
  /** Where a program is interrupted. */
  readonly gate: number;
  readonly interruption: Interruption;
}

const interruption = fc.constantFrom<Interruption>(
  "none",
  "cancel",
  "cancel --now",
  "SIGINT",
  "SIGKILL",
);
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom<Step["what"]>(
    "resume",
    "retry",
    "retry",
    "two retries",
    "resume and retry",
    "dry retry",
    "loosen",
  ),
  which: fc.nat(100),
  gate: fc.nat(ROWS - 1),
  interruption,
});

Deno.test("in whatever order runs are cancelled, killed, resumed and retried, no row is lost or loaded twice", () =>
  disturb("csv", RUNS, { minLength: 4, maxLength: 8 }));

for (const format of ["json", "xlsx", "fixed", "copy"] as const) {
  Deno.test(`and so it is with rows from ${FILES[format].name}`, () =>
    disturb(format, Math.ceil(RUNS / 3), { minLength: 1, maxLength: 3 }));
}

async function disturb(
  format: ItemsFormat,
  runs: number,
  length: fc.ArrayConstraints,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ gate: fc.nat(ROWS - 1), interruption }),
      fc.array(step, length),
      async (start, steps) => {
        await using world = await newWorld(format);
        const file = ["run", "items", "--file", FILES[format].name];
        await expectOrderly(world, [await world.command(file, start.gate, start.interruption)]);
        for (const each of steps) await expectOrderly(world, await take(world, each));
        await finish(world);
      },
    ),
    { numRuns: runs, seed: SEED, endOnFailure: true },
  );
}

async function take(world: World, { what, which, gate, interruption }: Step): Promise<Ended[]> {
  const runs = await listRuns(world.session);
  const retried = runs.filter((run) => !run.dry_run);
  const retry = ["retry", String(retried[which % retried.length].id)];
  const resume = ["resume", String(runs[which % runs.length].id)];
  switch (what) {
    case "resume":
      return [await world.command(resume, gate, interruption)];
    case "retry":
      return [await world.command(retry, gate, interruption)];
    case "two retries":
      return [...await world.together(retry, retry)];
    case "resume and retry":
      return [...await world.together(resume, retry)];
    case "dry retry":
      return [await world.command([...retry, "--dry-run"], gate, "none")];
    case "loosen":
      await world.loosen();
      return [];
  }
}

/**
 * Some rows are retried, then everything is resumed and retried undisturbed: the whole file is in
 * the table, and the rows that the first retry loaded are not in it twice.
 */
async function finish(world: World): Promise<void> {
  await world.loosen();
  await expectOrderly(world, [await world.command(["retry", "1"], 0, "none")]);
  await world.loosenAll();
  for (const { id, is_retry, status } of await listRuns(world.session)) {
    // If a later retry has tried rows of an unfinished one, resuming that one says so instead.
    if (status.startsWith("completed")) continue;
    const end = await world.command(["resume", String(id)], 0, "none");
    if (!is_retry) assert.ok([0, 3].includes(end.code), end.stderr);
    await expectOrderly(world, [end]);
  }
  await expectOrderly(world, [await world.command(["retry", "1"], 0, "none")]);
  const [{ items, unresolved }] = await world.session.query<{ items: number; unresolved: number }>(
    `select (select count(*) from items) as items, (select count(*) from ingest.rows
       where run_id = 1 and status = 'failed' and resolved_by_run_id is null) as unresolved`,
  );
  assert.deepEqual({ items, unresolved }, { items: ROWS, unresolved: 0 });
}

/** What is true after each step, when no process is at work. */
async function expectOrderly(world: World, ends: readonly Ended[]): Promise<void> {
  for (const { code, stderr } of ends) {
    // 137: killed by the test.
    assert.ok([0, 1, 3, 4, 137].includes(code), `${code}: ${stderr}`);
    assert.ok(!/^\s+at /mu.test(stderr), stderr);
  }
  const { session } = world;
  const [table] = await session.query<Record<string, number>>(
    `select (select count(*) from items) as items, (select count(*) from loads) as loads,
       (select count(distinct id) from loads) as ids,
       (select coalesce(sum(successful), 0)::bigint from ingest.run_progress p
        join ingest.runs r on r.id = p.run_id where not r.dry_run) as successful,
       (select failed from ingest.run_progress where run_id = 1) as failed,
       (select count(*) from ingest.rows where run_id = 1 and status = 'failed') as logged,
       (select count(*) from ingest.rows
        where run_id = 1 and status = 'failed' and resolved_by_run_id is null) as unresolved`,
  );
  assert.equal(table.loads, table.ids, "a row was loaded twice");
  assert.equal(table.items, table.loads);
  assert.equal(table.items, table.successful, "the counts are those of the table");
  assert.equal(table.logged, table.failed);
  const status = await world.command(["status", "1", "--json"], 0, "none");
  assert.equal(JSON.parse(status.stdout).data.progress.unresolved, table.unresolved);
  const verified = await world.command(["verify", "1", "--json"], 0, "none");
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  const { rows } = JSON.parse(verified.stdout).data;
  assert.deepEqual([rows.as_written, rows.set_aside], [table.items, table.unresolved]);
}

interface RunRow {
  readonly id: number;
  readonly is_retry: boolean;
  readonly dry_run: boolean;
  readonly status: string;
}

function listRuns(session: Session): Promise<RunRow[]> {
  return session.query<RunRow>(
    "select id, parent_id is not null as is_retry, dry_run, status from ingest.runs order by id",
  );
}
