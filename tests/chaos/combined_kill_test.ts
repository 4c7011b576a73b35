/**
 * Whatever a definition combines, and whichever of the processes that work on its run are killed, and
 * when: in the end all tables are what they are if the file's rows are applied one by one.
 *
 * `KILLED_RUNS=100 KILLED_SEED=2` runs more cases, or others. One takes some seconds.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { isTerminal } from "../../src/ledger/runs/statuses.ts";
import { type Ended, ingest, type Running, startIngest } from "../cli/start_program.ts";
import type { Case } from "../run/reference_case.ts";
import { anyCombined } from "../run/reference_combined.ts";
import { written } from "../run/reference_definition.ts";
import { inFormat, writeCase } from "../run/reference_file.ts";
import { applyOneByOne, type Expected } from "../run/reference_model.ts";
import { readImported } from "../run/reference_run.ts";
import {
  assertFailed,
  assertOutcomes,
  assertTables,
  assertWholeBatches,
  keptRows,
} from "../run/reference_same.ts";
import {
  createTarget,
  prepareDatabase,
  readBeside,
  readStored,
  readTaken,
  readTarget,
} from "../run/reference_target.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";

const RUNS = Number(Deno.env.get("KILLED_RUNS") ?? 4);
const SEED = Number(Deno.env.get("KILLED_SEED") ?? 3);

/** Rows of all these tables are held up now and then, while somebody holds the lock. */
const HELD_UP = `
  create function hold_up() returns trigger language plpgsql as $$ begin
    if random() < 0.2 then perform pg_advisory_xact_lock_shared(7); end if;
    return null; end $$;`;

const WRITTEN_TO = ["t", "tags", "labels", "links", "items"];

/** Which program is killed, and what comes in its place. */
interface Death {
  readonly which: number;
  readonly heir: "resume" | "work";
}

const anyDeaths: fc.Arbitrary<readonly Death[]> = fc.array(
  fc.record({ which: fc.nat({ max: 5 }), heir: fc.constantFrom("resume", "work") }),
  { minLength: 1, maxLength: 4 },
);

Deno.test("whatever is combined, and whoever is killed: the same as row by row", async () => {
  const seen = { deaths: 0 };
  await fc.assert(
    fc.asyncProperty(anyCombined, anyDeaths, async (any, deaths) => {
      const each = inFormat({ ...any, kills: [] }, "ndjson");
      const known = applyOneByOne(each);
      // A role of its own would need a password; few rows end before anybody is killed.
      fc.pre(!known.usesFreedValue && !each.shape.rowSecurity && each.rows.length > 10);
      seen.deaths += await survive(each, known, deaths);
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  ok(seen.deaths >= RUNS, `only ${seen.deaths} were killed`);
});

/** How many programs were killed. */
async function survive(each: Case, known: Expected, deaths: readonly Death[]): Promise<number> {
  await using database = await migratedDatabase();
  const { session } = database;
  const guard = await Session.open(database.config);
  const folder = await Deno.makeTempDir();
  const role = `limited_${database.config.database}`;
  const programs = new Set<Running>();
  let killed = 0;
  try {
    await prepareDatabase(session, role);
    const before = applyOneByOne({ ...each, rows: [], absent: null });
    await createTarget(session, each, before.table);
    await session.query(HELD_UP);
    for (const table of WRITTEN_TO) {
      await session.query(
        `do $$ begin if to_regclass('${table}') is not null then
           create trigger hold_up after insert or update or delete on ${table}
             for each row execute function hold_up(); end if; end $$`,
      );
    }
    const untouched = await readStored(session);
    const { path } = await writeCase(each.rows, folder, "ndjson");
    await Deno.mkdir(`${folder}/importers`);
    await Deno.writeTextFile(`${folder}/importers/t.json`, JSON.stringify(written(each)));
    const options = { database, cwd: folder };
    const start = (...args: string[]) => {
      const program = startIngest(args, options);
      programs.add(program);
      program.ended.then(() => programs.delete(program));
    };
    await guard.query("select pg_advisory_lock(7)");
    start("run", "t", "--file", path, "--workers", String(each.workers));
    const ledger = new Ledger(session, "ingest");
    for (const { which, heir } of deaths) {
      if (await isHeldUp(database, programs)) {
        const program = [...programs][which % programs.size];
        program.kill("SIGKILL");
        await program.ended;
        killed++;
      }
      // Whoever is held up goes on to the end of its batch.
      await guard.query("select pg_advisory_unlock(7)");
      await guard.query("select pg_advisory_lock(7)");
      if (heir === "resume") start("resume", "1", "--workers", String(each.workers));
      else start("work", "--workers", "2");
    }
    await guard.query("select pg_advisory_unlock(7)");
    const end = await finish(programs, () => ingest(["resume", "1"], options), async () => {
      const { run } = await readImported(ledger, 1);
      return isTerminal(run.status) && (run.error === null || run.error.code === known.failure);
    });
    const imported = await readImported(ledger, 1);
    ok(isTerminal(imported.run.status), `${imported.run.status}: ${end?.stdout}${end?.stderr}`);
    const beside = await readBeside(session, each);
    if (known.failure !== null) {
      assertFailed(imported, known);
      deepStrictEqual(await readStored(session), untouched, "the tables are as they were");
      deepStrictEqual(beside, before.beside);
      return killed;
    }
    const expected = each.transaction === "atomic" ? keptRows(each, imported, known) : known;
    if (each.transaction === "atomic") {
      await assertWholeBatches(session, imported);
      if (expected.usesFreedValue) return killed;
    } else assertOutcomes(each, imported, expected);
    const tables = { table: await readTarget(session), taken: await readTaken(session) };
    assertTables(tables, beside, expected, known);
    return killed;
  } finally {
    await endAll(programs, "SIGKILL");
    await guard.close();
    await session.query(`drop owned by ${role}; drop role ${role}`);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lets everybody work, and sees to it that somebody does, until the run has ended. */
async function finish(
  programs: ReadonlySet<Running>,
  resume: () => Promise<Ended>,
  hasEnded: () => Promise<boolean>,
): Promise<Ended | null> {
  let end: Ended | null = null;
  for (let tries = 0; tries < 5 && !await hasEnded(); tries++) end = await resume();
  await endAll(programs, "SIGTERM");
  return end;
}

async function endAll(programs: ReadonlySet<Running>, signal: Deno.Signal): Promise<void> {
  const ends = [...programs].map(({ ended }) => ended);
  for (const program of programs) program.kill(signal);
  await Promise.all(ends);
}

/** Until a row is held up; false if the run, or all programs, have ended before. */
async function isHeldUp(
  { session }: TestDatabase,
  programs: ReadonlySet<Running>,
): Promise<boolean> {
  for (;;) {
    const [{ waits, ended }] = await session.query<{ waits: boolean; ended: boolean }>(
      `select exists (select from pg_locks l join pg_database d on d.oid = l.database
           where d.datname = current_database() and locktype = 'advisory' and classid = 0
             and objid = 7 and not granted) as waits,
         exists (select from ingest.runs where completed_at is not null) as ended`,
    );
    if (waits && programs.size > 0) return true;
    if (ended || programs.size === 0) return false;
  }
}
