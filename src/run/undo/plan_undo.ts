/**
 * Plans an undo: goes through the table, finds the rows that the run has written, and cuts it into
 * batches. Each step is a transaction, as with imports, so that workers begin while the rest is still
 * looked through, and another process can go on.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import { finishPlanning, withPlanLock } from "../../ledger/plan.ts";
import { findRun, type Run, type UndoLeaf } from "../../ledger/runs.ts";
import {
  lastBatchNumber,
  PHASES,
  type PlannedUndo,
  writeUndoStep,
} from "../../ledger/undo_batches.ts";
import { listImageBatches } from "../../ledger/undo_images.ts";
import { listDeletedPieces } from "../../ledger/deleted_rows.ts";
import { listUndoTables } from "../../ledger/chain_writes.ts";
import { blocksOf, countInPieces, countRows, EVERYWHERE } from "../../load/undo/place.ts";
import { listReferences, rowsOf } from "../../load/undo/undo_relation.ts";
import { readUndoSource, type UndoSource } from "../undo_source.ts";
import { WITHOUT_OLD_VALUES } from "./old_values.ts";
import { writeLostRows } from "./lost_rows.ts";

export type UndoPlanEnd =
  | "planned"
  /** The run was cancelled or has failed, or the planner was told to stop. */
  | "stopped"
  | "elsewhere";

export interface UndoPlanOptions {
  onStep?(batches: number): void;
  isStopping?(): boolean;
  /** How long a step takes, in milliseconds. */
  readonly stepTime?: number;
  /** How many pieces of the table are counted with one statement. */
  readonly pieces?: number;
}

/** A batch ends when it has so many rows: to delete them takes a fraction of a second. */
const BATCH_ROWS = 20_000;
/** 2 MB, at most 58,000 rows: a batch is one or more of these pieces. */
const PIECE_BLOCKS = 256;
/** Counted with one statement: 64 MB. */
const PIECES = 32;
/** A step ends after this many milliseconds. */
const STEP_TIME = 250;

export async function planUndo(
  ledger: Ledger,
  run: Run,
  options: UndoPlanOptions = {},
): Promise<UndoPlanEnd> {
  for (;;) {
    const end = await withPlanLock(
      ledger,
      run.id,
      run.definition.table,
      ({ locked }) =>
        locked ? step(ledger, run.id, options) : Promise.resolve("elsewhere" as const),
      run.settings,
    );
    options.onStep?.(await lastBatchNumber(ledger, run.id));
    if (end !== "more") return end;
    if (options.isStopping?.()) return "stopped";
  }
}

async function step(
  ledger: Ledger,
  id: number,
  { stepTime = STEP_TIME, pieces = PIECES }: UndoPlanOptions,
): Promise<"more" | "planned" | "stopped"> {
  const run = await findRun(ledger, id);
  if (run?.status !== "processing" || run.error !== null) return "stopped";
  if (run.planned_at !== null) return "planned";
  const walk = new Walk(ledger, run, await lastBatchNumber(ledger, id), pieces);
  const deadline = performance.now() + stepTime;
  do await walk.goOn(); while (!walk.atEnd && performance.now() < deadline);
  if (walk.atEnd) await walk.addOldValues();
  if (walk.atEnd) await walk.addDeleted();
  const from = { bytes: run.planned_bytes, rows: run.planned_rows, lines: run.planned_lines };
  if (!await writeUndoStep(ledger, id, from, walk.position, walk.batches)) return "stopped";
  if (!walk.atEnd) return "more";
  const lost = await writeLostRows(ledger, run, walk.position, walk.nextNumber, walk.gone);
  const end = { ...walk.position, rows: walk.position.rows + lost };
  return await finishPlanning(ledger, id, end, null) ? "planned" : "stopped";
}

interface Source extends UndoSource {
  /** Rows of the table may refer to others of it: they can only go together. */
  readonly isOnePiece: boolean;
}

/** Goes through all leaves, one after the other. */
class Walk {
  readonly batches: PlannedUndo[] = [];
  readonly #ledger: Ledger;
  readonly #run: Run;
  readonly #pieces: number;
  readonly #leaves: readonly UndoLeaf[];
  readonly #sources = new Map<number, Source | null>();
  nextNumber: number;
  /** Rows that the run updated in a table that is no longer there. */
  gone = 0;
  /** Over all leaves: blocks looked at, rows found, and how many of these were created. */
  #blocks: number;
  #rows: number;
  #created: number;

  constructor(ledger: Ledger, run: Run, lastNumber: number, pieces: number) {
    this.#ledger = ledger;
    this.#pieces = pieces;
    this.#run = run;
    this.#leaves = run.source.undo?.leaves ?? [];
    this.nextNumber = lastNumber + 1;
    this.#blocks = run.planned_bytes;
    this.#rows = run.planned_rows;
    this.#created = run.planned_lines;
  }

  get position() {
    return { bytes: this.#blocks, rows: this.#rows, lines: this.#created };
  }

  get atEnd(): boolean {
    return this.#blocks >= this.#leaves.reduce((sum, { blocks }) => sum + blocks, 0);
  }

  async goOn(): Promise<void> {
    let before = 0;
    for (const leaf of this.#leaves) {
      const at = this.#blocks - before;
      before += leaf.blocks;
      if (at >= leaf.blocks) continue;
      const source = await this.#sourceOf(leaf.table);
      if (source?.isOnePiece) return await this.#takeWhole(source);
      const found = source?.relation.leaves.find(({ oid }) => oid === leaf.relation);
      if (source && found) await this.#lookAt(leaf, found.name, source, at);
      // It was dropped or detached since: its rows are gone.
      else this.#blocks = before;
      return;
    }
  }

  async addOldValues(): Promise<void> {
    for (
      const { run, batch, relation, rows } of await listImageBatches(
        this.#ledger,
        this.#run.undoes_run_id!,
      )
    ) {
      const source = await this.#sourceOf(relation);
      if (source === null) this.gone += rows;
      else this.#add({ phase: PHASES.oldValues, relation, from: run, to: batch }, rows);
    }
    for (const source of this.#sources.values()) {
      if (!source?.marks.hasOldValues) continue;
      const { relation, conditions } = source;
      const all = { rows: rowsOf(relation), where: EVERYWHERE };
      const rows = await countRows(this.#ledger.session, all, conditions.overwritten);
      this.#add({ phase: PHASES.oldValues, relation: relation.oid, ...WITHOUT_OLD_VALUES }, rows);
    }
  }

  /** Rows that the run has deleted because its file doesn't have them. */
  async addDeleted(): Promise<void> {
    const root = this.#run.undoes_run_id!;
    const pieces = await listDeletedPieces(this.#ledger, root, BATCH_ROWS);
    for (const { relation, from, to, rows } of pieces) {
      if (await this.#sourceOf(relation) === null) this.gone += rows;
      else this.#add({ phase: PHASES.deleted, relation, from, to }, rows);
    }
  }

  async #sourceOf(relation: number): Promise<Source | null> {
    const known = this.#sources.get(relation);
    if (known !== undefined) return known;
    const { undoes_run_id, source: { undo } } = this.#run;
    const tables = await listUndoTables(this.#ledger, undoes_run_id!);
    const table = tables.find((each) => each.relation === relation);
    const read = table &&
      await readUndoSource(this.#ledger, undoes_run_id!, table, undo?.unsure ?? []);
    if (!read) {
      this.#sources.set(relation, null);
      return null;
    }
    const references = await listReferences(this.#ledger.session, relation);
    const source = { ...read, isOnePiece: references.some(({ toItself }) => toItself) };
    this.#sources.set(relation, source);
    return source;
  }

  async #takeWhole({ relation, conditions, marks }: Source): Promise<void> {
    const blocks = this.#leaves.filter(({ table }) => table === relation.oid)
      .reduce((sum, leaf) => sum + leaf.blocks, 0);
    const [counts] = await countInPieces(
      this.#ledger.session,
      [{ rows: rowsOf(relation), where: EVERYWHERE }],
      conditionsFor(conditions, marks),
    );
    this.#found(counts);
    this.#add(
      { phase: PHASES.created, relation: relation.oid, from: 0, to: blocks },
      counts.created + counts.others,
    );
    this.#blocks += blocks;
  }

  async #lookAt(
    leaf: UndoLeaf,
    name: string,
    { conditions, marks }: Source,
    at: number,
  ): Promise<void> {
    const starts = Array.from({ length: this.#pieces }, (_, i) => at + i * PIECE_BLOCKS)
      .filter((start) => start < leaf.blocks);
    const end = (start: number) => Math.min(leaf.blocks, start + PIECE_BLOCKS);
    const counts = await countInPieces(
      this.#ledger.session,
      starts.map((start) => blocksOf({ name }, start, end(start))),
      conditionsFor(conditions, marks),
    );
    let rows = 0;
    let from = at;
    counts.forEach((count, i) => {
      this.#found(count);
      rows += count.created + count.others;
      const to = end(starts[i]);
      if (rows < BATCH_ROWS && i < counts.length - 1) return;
      this.#add({ phase: PHASES.created, relation: leaf.relation, from, to }, rows);
      [rows, from] = [0, to];
    });
    this.#blocks += from - at;
  }

  /** Rows that nobody is sure of are not lost. */
  #found({ created, others }: { readonly created: number; readonly others: number }): void {
    const { unsure = [] } = this.#run.source.undo ?? {};
    this.#created += unsure.length === 0 ? created : created + others;
  }

  #add(batch: Pick<PlannedUndo, "phase" | "relation" | "from" | "to">, rows: number): void {
    if (rows === 0) return;
    this.batches.push({ ...batch, number: this.nextNumber++, firstRow: this.#rows + 1, rows });
    this.#rows += rows;
  }
}

/** In the usual case, all rows that are found were created: then no condition is looked at twice. */
function conditionsFor(
  { any, created, overwritten, unsure }: UndoSource["conditions"],
  { hasOldValues }: UndoSource["marks"],
) {
  if (created === any) return { which: any, created: "true", others: "false" };
  return { which: any, created, others: hasOldValues ? unsure : `(${overwritten} or ${unsure})` };
}
