/** The tables that a run's rows have brought rows to, and what should be in them. */
import type { Session } from "../../../db/session.ts";
import type { LoadPlan, RelatedPlan } from "../../../load/load_plan.ts";
import { type Comparable, comparable } from "../../../load/verify/comparable.ts";
import {
  createExpected,
  noteChildren,
  type Origin,
  parentsThere,
  placesOf,
} from "../../../load/verify/expected_children.ts";
import { createLists, noteLists } from "../../../load/verify/expected_links.ts";
import { stagedLists } from "../../../load/related/parents.ts";
import type { ColumnProgram } from "../../../row/pipeline.ts";

/** What rows of one table bring to another one. */
export interface ExpectedTable {
  readonly node: number;
  /** SQL: a temporary table. */
  readonly name: string;
  readonly plan: RelatedPlan;
  /** Null for links. */
  readonly how: Comparable | null;
  /** How many rows are noted. */
  noted: number;
}

/** Staged rows whose own rows are to be found. */
export interface StagedParents {
  readonly plan: LoadPlan;
  readonly how: Comparable;
  /** In the order of the plan's related tables. */
  readonly programs: readonly ColumnProgram[];
  readonly origin: Omit<Origin, "offset">;
}

export class ExpectedTables {
  readonly #session: Session;
  readonly #tables = new Map<string, ExpectedTable>();
  readonly #latest = new Map<number, ExpectedTable>();
  /** Tables whose rows bring rows to others, and can't be found again one by one. */
  readonly unfound = new Map<string, readonly string[]>();
  /** Rows that are not in their table, so that nothing says what belongs to them: by table. */
  readonly missing = new Map<string, number>();

  constructor(session: Session) {
    this.#session = session;
  }

  get all(): readonly ExpectedTable[] {
    return [...this.#tables.values()];
  }

  /** How the rows that were noted last go into the table with this number. */
  latest(table: number): ExpectedTable | null {
    return this.#latest.get(table) ?? null;
  }

  /** Notes what belongs to the staged rows. `rows`: how many they are. */
  async note(parents: StagedParents, rows: number): Promise<void> {
    const { plan, how, programs, origin } = parents;
    const { related = [] } = plan;
    if (related.length === 0 || rows === 0) return;
    if (how.plan.key.length === 0 || !how.unique) {
      this.unfound.set(plan.table.name, related.map(({ table }) => table.name));
      return;
    }
    const found = await parentsThere(this.#session, { ...how.plan, related });
    const lacking = rows - new Set(found.positions).size;
    const before = this.missing.get(plan.table.name) ?? 0;
    if (lacking > 0) this.missing.set(plan.table.name, before + lacking);
    for (const [index, part] of related.entries()) {
      const program = programs[index];
      const table = await this.#tableOf(part, program);
      this.#latest.set(part.table.oid, table);
      const from = { ...origin, offset: table.noted };
      const lists = stagedLists(plan, index);
      if (part.kind === "links") {
        await noteLists(this.#session, table.name, part, lists, found, from);
        table.noted += rows;
        continue;
      }
      const children = await noteChildren(this.#session, table.name, part, lists, found, from);
      table.noted += children;
      const { related: inner = [] } = part.plan;
      await this.note({
        plan: part.plan,
        how: table.how!,
        programs: (program.children?.programs ?? []).slice(-inner.length),
        origin: { ...origin, places: placesOf(table.name, from.offset) },
      }, children);
    }
  }

  /** Runs of a chain may write to the same table in other ways. */
  async #tableOf(plan: RelatedPlan, { children }: ColumnProgram): Promise<ExpectedTable> {
    const defaulted = (children?.programs ?? []).filter(({ takesDefault }) => takesDefault)
      .map(({ target }) => target);
    const how = plan.kind === "links" ? null : comparable(plan.plan, defaulted);
    const what = plan.kind === "links"
      ? [plan.label, plan.local.column.name, plan.foreign.column.name, plan.replaces, plan.values]
      : [plan.label, plan.plan.columns, plan.plan.key, plan.plan.onDuplicate];
    const key = JSON.stringify([plan.table.oid, ...what]);
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const node = this.#tables.size;
    const name = `pg_temp."ingest expected ${node}"`;
    if (plan.kind === "links") await createLists(this.#session, name, plan);
    else await createExpected(this.#session, name, plan);
    const table = { node, name, plan, how, noted: 0 };
    this.#tables.set(key, table);
    return table;
  }
}
