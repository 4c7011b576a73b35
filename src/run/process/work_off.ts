/**
 * The life of a batch: the one place where the stages meet. It happens in a transaction that somebody
 * else has begun and commits: the batch's own, or that of a run that is loaded as a whole.
 */
import type { Session } from "../../db/session.ts";
import { type Batch, type BatchCounts, completeBatch } from "../../ledger/batches/batches.ts";
import { type ErrorGroup, writeBatchErrors } from "../../ledger/batches/batch_errors.ts";
import { deferRows, listKeysThatWait } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { phaseChangedSomething } from "../../ledger/batches/next_phase.ts";
import { hasWritten } from "../../ledger/runs/progress.ts";
import { retryOf, rootOf } from "../../ledger/runs/retries.ts";
import { copyRows } from "../../ledger/rows/rows.ts";
import { NotesOfBatch } from "../../ledger/undo/undo_marks.ts";
import { LoadedRows } from "../../load/encoded_rows.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import { RelatedGone } from "../../load/related/related_refused.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { type RoutePart, splitByRoute } from "./split_by_route.ts";
import { isAtomic, isInOrder, refersToItself } from "../sequence.ts";
import { beginAtomic, endAtomic } from "./atomic_batch.ts";
import { Changes, changesOf } from "./changes.ts";
import { countByFile } from "./count_by_file.ts";
import { countElsewhere } from "./count_elsewhere.ts";
import { encodeBatch, type EncodedBatch, encodeInLevels } from "./encode.ts";
import { nameFirstRows } from "./first_rows.ts";
import { loadBatch } from "./load_batch.ts";
import { inKnownPartitions, TableChanged } from "./other_table.ts";
import { readBatch } from "./read.ts";
import { type Added, encodeResolved, type Look } from "./resolve.ts";
import { type Outcome, tallyBatch, triedRows } from "./tally.ts";

export interface Into {
  /** Chooses the session that loads rows of one table, and what stays of it. */
  load(plan: LoadPlan, load: (session: Session) => Promise<LoadedRows>): Promise<LoadedRows>;
  /** On the same session. */
  readonly look: Look;
  /** Is told what has become of the rows. */
  readonly seen?: (encoded: EncodedBatch, loaded: LoadedRows) => void;
  /** Is told why rows have failed. */
  readonly failed?: (groups: readonly ErrorGroup[]) => void;
}

/** `stays`: what is loaded will be committed. If not, nobody can undo it, and no row of a retry is resolved. */
export async function workOff(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
  into: Into,
  stays = true,
): Promise<BatchCounts> {
  const read = await readBatch(ledger, program, batch);
  const held = batch.phase === 1 ? null : await heldKeys(ledger, program, batch);
  const waits = await mayWait(ledger, program, batch);
  const added: Added = new Map();
  const atomic = isAtomic(program.run.definition);
  if (atomic) await into.look(beginAtomic);
  const chooseTables = () =>
    encodeResolved(
      ledger.session,
      program,
      (writers) => encodeBatch(program, read, writers),
      { look: into.look },
    );
  const { parts, refused } = await splitByRoute(program, read, chooseTables);
  const outcomes: Outcome[] = [];
  if (refused !== null) {
    outcomes.push({ program, encoded: refused, loaded: new LoadedRows(0) });
  }
  const marked = stays ? notesFor(ledger, program, batch) : null;
  const found: Changes[] = [];
  for (const part of parts) outcomes.push(await loadPart(part));
  const back = atomic ? await into.look((session) => endAtomic(session, outcomes)) : null;
  if (back !== null) added.clear();
  const ended = back ?? outcomes;
  let failed = 0;
  for (const { program, encoded, loaded } of ended) {
    into.seen?.(encoded, loaded);
    await nameFirstRows(ledger, program, encoded, loaded, read.waiting);
    failed += encoded.bad.size + loaded.errors.size;
  }
  const room = await program.room.forRows(ledger, failed);
  const tally = tallyBatch(program, batch, ended, room);
  for (const log of tally.logs) await copyRows(ledger, batch.run_id, log);
  if (stays) await program.supply.recordTried(ledger, () => triedRows(ended));
  await writeBatchErrors(ledger, batch, tally.groups);
  into.failed?.(tally.groups);
  await deferRows(ledger, batch.run_id, batch.phase + 1, tally.waiting, "batch");
  // As late as possible: whoever writes the file may have paused.
  await program.supply.assertNotGrown();
  await completeBatch(ledger, batch, tally.counts, {
    marks: back === null ? marked : null,
    files: countByFile(program, batch, ended),
    added,
    related: countElsewhere(program, ended),
    changes: back === null ? changesOf(program, found) : null,
  });
  return tally.counts;

  /** Encodes and loads the records of one table. The next one finds what they have become. */
  async function loadPart({ program, read }: RoutePart): Promise<Outcome> {
    const encoded = await encodeResolved(
      ledger.session,
      program,
      (writers) =>
        held === null
          ? encodeBatch(program, read, writers, waits)
          : encodeInLevels(program, read, writers, held, waits),
      { look: into.look, added, waits },
    );
    const changes = Changes.of(program, stays);
    if (changes !== null) found.push(changes);
    const options = {
      undo: marked?.of(program.loadPlan.table) ?? changes?.notes ?? null,
      selfReferencesMayWait: waits,
      runHasWritten: () => hasWritten(ledger, batch.run_id),
    };
    const load = (session: Session) =>
      inKnownPartitions(session, ledger.schemaName, program, () => {
        const work = () => loadBatch(session, program, encoded, options);
        return changes === null ? work() : changes.around(session, work);
      });
    const loaded = await unlessRelatedGone(() => into.load(program.loadPlan, load));
    return { program, encoded, loaded };
  }
}

/** Throws TableChanged. */
async function unlessRelatedGone<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof RelatedGone)) throw error;
    throw new TableChanged(error.message, { cause: error });
  }
}

/** What is noted for an undo; null if nothing is. */
function notesFor(ledger: Ledger, program: RunProgram, batch: Batch): NotesOfBatch | null {
  const { run, undo } = program;
  if (undo.size === 0) return null;
  const own = new Set(routesOf(program).map(({ loadPlan }) => loadPlan.table.oid));
  const mayRepeat = isInOrder(program) || retryOf(run) !== null;
  const hitsOwn = (relation: number) => {
    // What belongs to different rows of a batch may be the same.
    if (!own.has(relation)) return "perhaps";
    return batch.phase > 1 ? "likely" : mayRepeat ? "perhaps" : "never";
  };
  // Rows of other batches don't have the same keys, so nor does what belongs to them.
  const reach = batch.phase > 1 || mayRepeat ? {} : { hitsOnlyBatch: true } as const;
  const tables = [...undo].map(([relation, how]) =>
    [relation, { ...how, ...reach, hitsOwn: how.knowsOwn ? hitsOwn(relation) : "never" }] as const
  );
  return new NotesOfBatch(ledger, { ...batch, root: rootOf(run) }, new Map(tables));
}

/** Keys of rows that this phase has deferred to the next one: later rows must not overtake them. */
async function heldKeys(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<ReadonlySet<string>> {
  if (!refersToItself(program)) return new Set();
  return new Set(await listKeysThatWait(ledger, batch.run_id, batch.phase + 1));
}

/**
 * May rows that refer to missing rows of their own table be deferred? Yes, as long as the phase
 * before this one has changed something.
 */
async function mayWait(ledger: Ledger, program: RunProgram, batch: Batch): Promise<boolean> {
  if (!refersToItself(program)) return false;
  return batch.phase === 1 || await phaseChangedSomething(ledger, batch.run_id, batch.phase - 1);
}
