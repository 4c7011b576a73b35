/** `--once`: a file is loaded only if no run has loaded the same bytes. */
import type { Definition } from "../../importer/definition.ts";
import { routeDefinitions } from "../../importer/routes/routes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requireRun } from "../../ledger/runs/runs.ts";
import {
  type EarlierLoad,
  isDone,
  listUnknownLoads,
  loadsSomething,
  mayBeSame,
  type WatchedLoad,
  watchLoadsOf,
} from "../../ledger/runs/same_bytes.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import type { Table } from "../../load/catalog/table.ts";
import type { Identity } from "../../source/file/identity.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { Bell } from "../bell.ts";
import { isSameTable } from "../same_table.ts";
import { holdsPlanOf } from "./compare_source.ts";
import { Refused } from "./refuse/refused.ts";
import { haveSameRules } from "./same_rules.ts";

/** The bytes are in the table already, or another run is loading them: nothing is to be done. */
export class LoadedBefore extends Error {
  override readonly name = "LoadedBefore";

  constructor(message: string, readonly run: number) {
    super(message);
  }
}

/**
 * Throws LoadedBefore, or Refused if a run stopped in the middle of these bytes. The caller holds
 * the fingerprint.
 */
export async function refuseLoaded(
  ledger: Ledger,
  definition: Definition,
  table: Table,
  file: Identity,
): Promise<void> {
  const same = (await watchLoadsOf(ledger, file.fingerprint))
    .filter((load) => mayBeSame(load, file) && counts(load, definition, table));
  // A run that has loaded them all counts for more than one that stopped in the middle.
  const done = same.findLast(isDone);
  if (done !== undefined) throw loadedBefore(done);
  const stopped = same.findLast((load) => hasStopped(load) && !isHarmless(load, definition));
  if (stopped !== undefined) throw unfinished(stopped);
  const open = same.findLast((load) => !hasStopped(load));
  if (open === undefined) return;
  const message = `Run ${open.id} is loading the same bytes: nothing to do (--once). ` +
    `Wait for it: ingest wait ${open.id}`;
  throw new LoadedBefore(message, open.id);
}

/** Has the load made the same of its file, in the same table? Throws Refused while it is undone. */
function counts(load: EarlierLoad, definition: Definition, table: Table): boolean {
  const { importer, definition: before } = load;
  if (importer !== definition.slug || !isSameTable(before, table)) return false;
  if (!haveSameRules(before, definition) || !loadsSomething(load)) return false;
  if (load.undoing === null) return true;
  throw new Refused(
    `Cannot tell whether the file is loaded: run ${load.undoing} is taking back what run ` +
      `${load.id} loaded of it. Wait for it: ingest wait ${load.undoing}`,
  );
}

/**
 * The load has ended in the middle, and with a key its rows are found again. Without one they would be
 * in the table twice.
 */
function isHarmless({ status }: WatchedLoad, definition: Definition): boolean {
  const hasKey = routeDefinitions(definition).every(({ key }) => key.length > 0);
  return (status === "failed" || status === "cancelled") && hasKey;
}

function hasStopped({ status, stalled }: WatchedLoad): boolean {
  return isTerminal(status) || stalled || status === "cancelling";
}

function loadedBefore(
  { id, created_at, original_filename, status }: EarlierLoad,
): LoadedBefore {
  const name = original_filename === null ? "" : `, from ${original_filename}`;
  const failed = status === "completed" ? "" : ` Some rows failed: ingest errors ${id}`;
  const date = created_at.toISOString().slice(0, 10);
  const message = `Run ${id} has loaded the same bytes on ${date}${name}: ` +
    `nothing to do (--once).${failed}`;
  return new LoadedBefore(message, id);
}

function unfinished({ id, loaded }: EarlierLoad): Refused {
  return new Refused(
    `Cannot load the file once: run ${id} stopped after ${loaded} of its rows. ` +
      `Finish it: ingest resume ${id}, take it back: ingest undo ${id}, or forget it: ` +
      `ingest delete ${id}`,
  );
}

export interface UnknownFile {
  readonly definition: Definition;
  readonly table: Table;
  readonly source: ResolvedSource;
}

/** Milliseconds. */
const LOOK_INTERVAL = 100, PATIENCE = 30_000;

/**
 * Until all of its file is read, a run may or may not have the same bytes. Waits for those that are
 * being planned, and compares what was planned of those that have ended. Throws Refused.
 */
export async function refuseUnknown(
  withLedger: <T>(work: (ledger: Ledger) => Promise<T>) => Promise<T>,
  { definition, table, source }: UnknownFile,
): Promise<void> {
  const bell = new Bell();
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const open = await withLedger(async (ledger) => {
      const unknown = (await listUnknownLoads(ledger, definition.slug, source.size))
        .filter((load) => counts(load, definition, table));
      for (const load of unknown) {
        const isOpen = !isTerminal(load.status) && !load.stalled;
        // One that is only late, or that a worker will take up again, loads its rows nevertheless.
        if (isOpen || (load.loaded === 0 && isTerminal(load.status))) continue;
        if (!await hasSamePlan(ledger, load.id, source)) continue;
        if (load.loaded === 0) throw unread(load, "nobody is reading it now", "resume");
        if (isDone(load)) throw loadedBefore(load);
        if (!isHarmless(load, definition)) throw unfinished(load);
      }
      return unknown.find((load) => !isTerminal(load.status) && !load.stalled);
    });
    if (open === undefined) return;
    if (performance.now() > deadline) throw unread(open, "not all of it is read yet", "wait");
    await bell.wait(LOOK_INTERVAL);
  }
}

function unread({ id }: EarlierLoad, because: string, then: "wait" | "resume"): Refused {
  const advice = then === "wait"
    ? `Wait for it: ingest wait ${id}`
    : `Go on with it: ingest resume ${id}, or cancel it: ingest cancel ${id}`;
  return new Refused(
    `Cannot tell whether run ${id} loads the same bytes: its file is as long, and ${because}. ` +
      advice,
  );
}

async function hasSamePlan(ledger: Ledger, id: number, source: ResolvedSource): Promise<boolean> {
  const run = await requireRun(ledger, id);
  return run.source.encoding === source.encoding && await holdsPlanOf(ledger, run, source.path);
}
