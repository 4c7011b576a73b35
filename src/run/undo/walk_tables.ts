/** Goes through the tables of an undo, finds the rows that its chain has written, and cuts them into batches. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run, UndoLeaf } from "../../ledger/runs/runs.ts";
import { PHASES, type PlannedUndo } from "../../ledger/undo/undo_batches.ts";
import { listImageBatches } from "../../ledger/undo/undo_images.ts";
import { listDeletedPieces } from "../../ledger/rows/deleted_rows.ts";
import { listUndoTables } from "../../ledger/runs/chain_writes.ts";
import { blocksOf, countInPieces, countRows, EVERYWHERE } from "../../load/undo/place.ts";
import { listReferences, rowsOf } from "../../load/undo/undo_relation.ts";
import { readUndoSource, type UndoSource } from "../undo_source.ts";
import { WITHOUT_OLD_VALUES } from "./old_values.ts";

/** A batch ends when it has so many rows: to delete them takes a fraction of a second. */
const BATCH_ROWS = 20_000;
/** 2 MB, at most 58,000 rows: a batch is one or more of these pieces. */
const PIECE_BLOCKS = 256;

interface Source extends UndoSource {
  /** Rows of the table may refer to others of it: they can only go together. */
  readonly isOnePiece: boolean;
}

/** Goes through all leaves, one after the other. */
export class Walk {
  readonly batches: PlannedUndo[] = [];
  readonly #ledger: Ledger;
  readonly #run: Run;
  readonly #pieces: number;
  readonly #leaves: readonly UndoLeaf[];
  /** In the order in which their rows are taken back, and where the blocks of each end. */
  readonly #tables: readonly { readonly table: number; readonly end: number }[];
  readonly #sources = new Map<number, Source | null>();
  #images: Awaited<ReturnType<typeof listImageBatches>> | null = null;
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
    this.#tables = [...new Set(this.#leaves.map(({ table }) => table))].map((table) => {
      const last = this.#leaves.findLastIndex((leaf) => leaf.table === table);
      const end = this.#leaves.slice(0, last + 1).reduce((sum, { blocks }) => sum + blocks, 0);
      return { table, end };
    });
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

  /** A table's old values come right after its created rows. */
  async goOn(): Promise<void> {
    // Tables without any block are not passed by.
    if (this.#blocks === 0) await this.#addOldValuesAfter(-1);
    const before = this.#blocks;
    await this.#goOn();
    await this.#addOldValuesAfter(before);
  }

  async #goOn(): Promise<void> {
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

  async #addOldValuesAfter(before: number): Promise<void> {
    for (const { table, end } of this.#tables) {
      if (end > before && end <= this.#blocks) await this.#addOldValues(table);
    }
  }

  async #addOldValues(table: number): Promise<void> {
    this.#images ??= await listImageBatches(this.#ledger, this.#run.undoes_run_id!);
    const source = await this.#sourceOf(table);
    for (const { run, batch, relation, rows } of this.#images) {
      if (relation !== table) continue;
      if (source === null) this.gone += rows;
      else this.#add({ phase: PHASES.oldValues, relation, from: run, to: batch }, rows);
    }
    if (!source?.marks.hasOldValues) return;
    const { relation, conditions } = source;
    const all = { rows: rowsOf(relation), where: EVERYWHERE };
    const rows = await countRows(this.#ledger.session, all, conditions.overwritten);
    this.#add({ phase: PHASES.oldValues, relation: relation.oid, ...WITHOUT_OLD_VALUES }, rows);
  }

  /** At the end: old values in tables without any blocks to go through, and what was deleted. */
  async addRest(): Promise<void> {
    this.#images ??= await listImageBatches(this.#ledger, this.#run.undoes_run_id!);
    const isKnown = (relation: number) => this.#tables.some(({ table }) => table === relation);
    const others = new Set(this.#images.map(({ relation }) => relation));
    for (const relation of others) if (!isKnown(relation)) await this.#addOldValues(relation);
    await this.#addDeleted();
  }

  /** Was the table not dropped before the undo began? A batch says so if it was dropped since. */
  readonly isThere = async (relation: number): Promise<boolean> => {
    if (this.#tables.some(({ table }) => table === relation)) return true;
    return await this.#sourceOf(relation) !== null;
  };

  /** Rows that the run has deleted. Those to which others refer come first. */
  async #addDeleted(): Promise<void> {
    const root = this.#run.undoes_run_id!;
    const order = new Map(this.#tables.map(({ table }, index) => [table, index]));
    const at = (relation: number) => order.get(relation) ?? -1;
    const pieces = await listDeletedPieces(this.#ledger, root, BATCH_ROWS);
    pieces.sort((a, b) => at(b.relation) - at(a.relation));
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
      await readUndoSource(this.#ledger, undoes_run_id!, table, undo ?? NOWHERE);
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
    const leaves = this.#leaves.filter(({ table }) => table === relation.oid);
    const blocks = leaves.reduce((sum, leaf) => sum + leaf.blocks, 0);
    const [counts] = await countInPieces(
      this.#ledger.session,
      [{ rows: rowsOf(relation), where: EVERYWHERE }],
      conditionsFor(conditions, marks),
    );
    this.#add(
      {
        ...{ phase: phaseOf(leaves[0]), relation: relation.oid, from: 0, to: blocks },
        found: this.#found(counts),
      },
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
    let [rows, found] = [0, 0];
    let from = at;
    counts.forEach((count, i) => {
      found += this.#found(count);
      rows += count.created + count.others;
      const to = end(starts[i]);
      if (rows < BATCH_ROWS && i < counts.length - 1) return;
      this.#add({ phase: phaseOf(leaf), relation: leaf.relation, from, to, found }, rows);
      [rows, found, from] = [0, 0, to];
    });
    this.#blocks += from - at;
  }

  /** Rows that nobody is sure of are not lost. */
  #found({ created, others }: { readonly created: number; readonly others: number }): number {
    const { unsure = [] } = this.#run.source.undo ?? {};
    const found = unsure.length === 0 ? created : created + others;
    this.#created += found;
    return found;
  }

  #add(
    batch: Pick<PlannedUndo, "phase" | "relation" | "from" | "to" | "found">,
    rows: number,
  ): void {
    if (rows === 0) return;
    this.batches.push({ ...batch, number: this.nextNumber++, firstRow: this.#rows + 1, rows });
    this.#rows += rows;
  }
}

const NOWHERE = { leaves: [], unsure: [] };

function phaseOf({ waits }: UndoLeaf): number {
  return waits ? PHASES.referred : PHASES.created;
}

/** In the usual case, all rows that are found were created: then no condition is looked at twice. */
function conditionsFor(
  { any, created, overwritten, unsure }: UndoSource["conditions"],
  { hasOldValues }: UndoSource["marks"],
) {
  if (created === any) return { which: any, created: "true", others: "false" };
  return { which: any, created, others: hasOldValues ? unsure : `(${overwritten} or ${unsure})` };
}
