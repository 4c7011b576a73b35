/**
 * After rows are in the table: what belongs to them, in other tables. In the attempt's savepoint, so
 * a row and what belongs to it are loaded together, or not at all.
 */
import type { Session } from "../../db/session.ts";
import { type LoadedRows, SKIPPED, UPDATED } from "../encoded_rows.ts";
import type { LoadPlan, RelatedPlan } from "../load_plan.ts";
import { despiteStatistics } from "../stage/misleading_statistics.ts";
import type { StagedRange } from "../record_outcomes.ts";
import { updatedColumns } from "../merge/merge_conditions.ts";
import type { UndoNotes } from "../undo_notes.ts";
import {
  asParents,
  findParents,
  type FoundParents,
  parentColumns,
  type Parents,
  parentsStatement,
  someOf,
  stagedLists,
  together,
  updatesParents,
} from "./parents.ts";
import { addCounts, type Inserted, type RelatedCounts } from "./related_plan.ts";
import { refusedWithin } from "./related_refused.ts";
import { type LoadRange, writeChildren } from "./write_children.ts";
import { writeLinks } from "./write_links.ts";

/** One attempt to load a range of rows. */
export class Relating {
  readonly #session: Session;
  readonly #plan: LoadPlan;
  readonly #range: StagedRange;
  readonly #load: LoadRange;
  readonly #statement: string | null;
  readonly #undo: UndoNotes | null;
  #before: FoundParents | null = null;
  /** By table. */
  readonly counts = new Map<string, RelatedCounts>();

  /** `load`: loads children. `undo`: the notes of the rows themselves. */
  constructor(
    session: Session,
    plan: LoadPlan,
    range: StagedRange,
    load: LoadRange,
    undo: UndoNotes | null,
  ) {
    this.#load = load;
    this.#undo = undo;
    this.#session = session;
    this.#plan = plan;
    this.#range = range;
    this.#statement = updatesParents(plan) ? parentsStatement(plan) : null;
  }

  /** Before the rows are written: afterwards, some may no longer be found by their key. */
  async begin(): Promise<void> {
    this.#before = await this.#find();
  }

  /** Throws RelatedRefused, RelatedGone. */
  async end(loaded: LoadedRows, { created_at = [], created_texts = [] }: Inserted): Promise<void> {
    const created = asParents(this.#plan, created_at, created_texts);
    const existing = await this.#existing(loaded);
    const parents = existing === null ? created : together(created, existing);
    if (parents.positions.length === 0) return;
    for (const [index, plan] of (this.#plan.related ?? []).entries()) {
      await this.#write(plan, index, parents);
    }
  }

  async #find(): Promise<FoundParents | null> {
    if (this.#statement === null) return null;
    const { from, to } = this.#range;
    return await findParents(this.#session, this.#plan, this.#statement, from, to);
  }

  /** The rows that were there before, and that are as the file has them now. */
  async #existing(loaded: LoadedRows): Promise<Parents | null> {
    let found = this.#before;
    if (found === null) return null;
    // The update itself may have changed what the others refer to.
    const updated = updatedColumns(this.#plan);
    if (parentColumns(this.#plan).some(({ name }) => updated.includes(name))) {
      found = await this.#find() ?? found;
    }
    const { order } = this.#range;
    const known = new Set(found.positions);
    const lacks = (position: number) =>
      !known.has(position) && loaded.outcomes[order[position]] === UPDATED;
    for (let position = this.#range.from; position < this.#range.to; position++) {
      if (!lacks(position)) continue;
      // Somebody else has committed it in between.
      found = withLater(found, await this.#find(), known);
      break;
    }
    const { positions, newer } = found;
    return someOf(found, (index) => {
      const outcome = loaded.outcomes[order[positions[index]]];
      return outcome === UPDATED || outcome === SKIPPED && newer[index];
    });
  }

  async #write(part: RelatedPlan, index: number, parents: Parents): Promise<void> {
    const lists = stagedLists(this.#plan, index);
    if (part.kind === "children") {
      await writeChildren(this.#session, part, lists, parents, this.counts, this.#load);
      return;
    }
    const parameters = [parents.positions, parents.values.get(part.parent.column.name) ?? []];
    const undo = this.#undo?.beside(part.table) ?? null;
    try {
      const counts = await despiteStatistics(
        this.#session,
        part.table.oid,
        () => writeLinks(this.#session, part, lists, parameters, undo),
      );
      addCounts(this.counts, part.table.name, counts);
    } catch (error) {
      throw refusedWithin(error, part.table, part.label, null);
    }
  }
}

function withLater(
  found: FoundParents,
  now: FoundParents | null,
  known: ReadonlySet<number>,
): FoundParents {
  if (now === null) return found;
  const isNew = (index: number) => !known.has(now.positions[index]);
  return {
    ...together(found, someOf(now, isNew)),
    newer: [...found.newer, ...now.newer.filter((_, index) => isNew(index))],
  };
}
