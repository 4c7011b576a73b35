/** Imports a case with the program's own parts, claiming its batches in the case's order. */
import { setsAside } from "../../src/importer/gates.ts";
import { wantedNames } from "../../src/importer/wanted_names.ts";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Batch } from "../../src/ledger/batches/batches.ts";
import { startRun } from "../../src/ledger/runs/run_states.ts";
import { createRun } from "../../src/ledger/runs/create_run.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { readProgress, type RunProgress } from "../../src/ledger/runs/progress.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { processBatch } from "../../src/run/process/process_batch.ts";
import { processWhole } from "../../src/run/process/process_whole.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type RunProgram } from "../../src/run/program.ts";
import { Rehearsal } from "../../src/run/process/rehearsal.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import type { Case } from "./reference_case.ts";
import { definitionOf } from "./reference_definition.ts";
import { type FileFormat, writeCase } from "./reference_file.ts";
import type { Kill } from "./reference_others.ts";
import type { ReferencePlace } from "./reference_place.ts";

export interface LoggedOutcome {
  readonly row_number: number;
  readonly status: string;
  readonly errors: {
    readonly message: string;
    readonly details: readonly {
      readonly code: string;
      readonly first_row?: number;
    }[];
    readonly validation: Readonly<Record<string, readonly string[]>>;
  } | null;
}

export interface Imported {
  readonly run: Run;
  readonly outcomes: readonly LoggedOutcome[];
  readonly progress: RunProgress;
}

/** Whatever is cut off meanwhile, until the run has ended. */
export async function importCase(
  place: ReferencePlace,
  each: Case,
  dryRun: boolean,
  format: FileFormat = "csv",
): Promise<Imported> {
  const { path, source: how, hooks } = await writeCase(each.rows, place.folder, format);
  const written = definitionOf(each);
  const definition = {
    ...written,
    source: { ...written.source, ...how },
    ...hooks !== null && { hooks },
  };
  const wanted = wantedNames(definition);
  const { source } = await resolveSource(path, definition.source, place.folder, { wanted });
  // A case that failed may have left the role set.
  for (const ledger of place.ledgers) await ledger.query("set role none");
  const [planning] = place.ledgers;
  const created = await createRun(planning, {
    definition,
    source: { ...source, host: null },
    originalFilename: "case.csv",
    spooledPath: null,
    checksum: null,
    fingerprint: null,
    user: null,
    dryRun,
    settings: null,
    table: null,
    setsAside: setsAside(definition.options),
    retryOf: null,
  });
  await startRun(planning, created.id);
  const role = each.shape.rowSecurity ? place.role : "none";
  await planning.query(`set role ${role}`);
  const workers = await Promise.all(
    Array.from({ length: each.workers }, (_, index) => newWorker(place, 1 + index, created, role)),
  );
  const random = new Random(each.schedule);
  const size = { rows: each.batchRows, bytes: 1_000_000 };
  let planned = false;
  for (let round = 1;; round++) {
    if (!planned && random.below(3) === 0) {
      // Use a new planner each time: it has to find out what the one before it knew.
      const program = await prepareRun(planning.session, created, "ingest");
      const options = { stepBytes: each.stepBytes, isStopping: () => true };
      planned = await planRun(planning, program, options) === "planned";
    }
    const kill = each.kills.find((kill) => kill.round === round) ?? null;
    const didWork = await workOnce(place, workers, created.id, random, kill);
    if (didWork === "ended") break;
    if (didWork === "cut off") {
      for (const worker of workers) await dismiss(worker);
      await place.reconnect();
      for (const index of workers.keys()) {
        workers[index] = await newWorker(place, 1 + index, created, role);
      }
    }
    if (didWork || !planned) continue;
    if ((await settle(planning, created.id, size)).do === "end") break;
  }
  for (const worker of workers) await dismiss(worker);
  for (const ledger of place.ledgers) await ledger.query("set role none");
  return await readImported(planning, created.id);
}

export async function readImported(ledger: Ledger, id: number): Promise<Imported> {
  return {
    run: await requireRun(ledger, id),
    outcomes: await ledger.query<LoggedOutcome>(
      "select row_number, status, errors from ingest.rows where run_id = $1 order by row_number",
      [id],
    ),
    progress: await readProgress(ledger, id),
  };
}

interface Worker {
  readonly ledger: Ledger;
  readonly program: RunProgram;
  readonly rehearsal: Rehearsal;
}

async function newWorker(
  { ledgers }: ReferencePlace,
  index: number,
  run: Run,
  role: string,
): Promise<Worker> {
  const ledger = ledgers[index];
  await ledger.query(`set role ${role}`);
  const rehearsal = new Rehearsal(async ({ session }) => {
    const second = await Session.open(session.config);
    await second.query(`set role ${role}`);
    return second;
  });
  return { ledger, rehearsal, program: await prepareRun(ledger.session, run, "ingest") };
}

async function dismiss({ rehearsal, program }: Worker): Promise<void> {
  await rehearsal.close();
  await program.hooks?.close();
}

/** Each worker claims one of the claimable batches, and all process them at the same time. */
async function workOnce(
  place: ReferencePlace,
  workers: readonly Worker[],
  runId: number,
  random: Random,
  kill: Kill | null,
): Promise<boolean | "ended" | "cut off"> {
  const claims: { worker: Worker; batch: Batch }[] = [];
  for (const worker of workers) {
    const batch = await claimAny(worker.ledger, runId, random);
    if (batch !== null) claims.push({ worker, batch });
  }
  // If batches depend on each other, only one is claimed; the other workers end their rehearsals.
  for (const { rehearsal } of workers) {
    if (!claims.some(({ worker }) => worker.rehearsal === rehearsal)) await rehearsal.close();
  }
  const working = claims.map(({ worker: { ledger, program, rehearsal }, batch }) =>
    (program.run.whole ? processWhole : processBatch)(ledger, program, batch, rehearsal)
  );
  if (kill !== null) {
    const [ends] = await Promise.all([Promise.allSettled(working), cutOff(place, kill.after)]);
    await giveBack(place, runId);
    const ended = ends.some((end) =>
      end.status === "fulfilled" && end.value.done && end.value.ended
    );
    return ended ? "ended" : "cut off";
  }
  for (const end of await Promise.all(working)) {
    if (!end.done) throw new Error(`A batch was ${end.because}`);
    if (end.ended) return "ended";
  }
  return claims.length > 0;
}

/** Ends the connections of all workers. */
async function cutOff({ session, ledgers: [planning] }: ReferencePlace, after: number) {
  for (let i = 0; i < after; i++) await session.query("select");
  await session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity ${OTHERS}`,
    [planning.session.backendPid],
  );
}

/** Not ours, and not the planner's, $1. */
const OTHERS = "where datname = current_database() and pid not in (pg_backend_pid(), $1)";

/** Batches whose workers are gone can be claimed again. */
async function giveBack(
  { session, ledgers: [planning] }: ReferencePlace,
  runId: number,
): Promise<void> {
  for (;;) {
    // A server's process may still be at work.
    const [{ left }] = await session.query<{ left: number }>(
      `select count(*) as left from pg_stat_activity ${OTHERS}`,
      [planning.session.backendPid],
    );
    if (left === 0) break;
  }
  await session.query(
    `update ingest.batches set status = 'pending', worker = null
     where run_id = $1 and status = 'processing'`,
    [runId],
  );
}

/** As `claimBatch`, except that it may claim any of the claimable batches, not only the first. */
async function claimAny(ledger: Ledger, runId: number, random: Random): Promise<Batch | null> {
  const free = await ledger.query<{ id: number }>(
    `select b.id from ingest.batches b join ingest.runs r on r.id = b.run_id
     where b.run_id = $1 and b.status = 'pending' and ((b.phase = 1 and not r.in_order and not r.whole) or (
       not exists (select from ingest.batches earlier
         where earlier.run_id = b.run_id and earlier.number < b.number
           and earlier.status in ('pending', 'processing'))
       and ((b.phase = 1 and not r.whole) or r.planned_at is not null)))
     order by b.number`,
    [runId],
  );
  if (free.length === 0) return null;
  const [batch] = await ledger.query<Batch>(
    `update ingest.batches set status = 'processing', attempts = attempts + 1,
       claimed_at = clock_timestamp(), worker = 'reference' where id = $1 returning *`,
    [free[random.below(free.length)].id],
  );
  return batch;
}

/** A small generator (mulberry32), so that a case always has the same schedule. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
}
