/** Writes the children of some rows: through a stage of their own, as any rows are loaded. */
import type { Session } from "../../db/session.ts";
import { CREATED, LoadedRows, SKIPPED, UNDECIDED, UPDATED } from "../encoded_rows.ts";
import { createStage } from "../fill_stage.ts";
import type { ChildrenPlan, LoadPlan } from "../load_plan.ts";
import type { StagedRange } from "../record_outcomes.ts";
import { childrenStatements } from "./children_statements.ts";
import { refusedWithin, RelatedRefused } from "./related_refused.ts";
import type { Parents } from "./parents.ts";
import { addCounts, type RelatedCounts } from "./related_plan.ts";

/** Loads a range of staged rows that share no key, with what belongs to them. */
export type LoadRange = (
  plan: LoadPlan,
  range: StagedRange,
  loaded: LoadedRows,
) => Promise<ReadonlyMap<string, RelatedCounts>>;

/**
 * `lists`: SQL that selects `position` and `list` of the parents. `counts` gets what was written. Throws
 * RelatedRefused if a child can't be written; of a parent that is tried alone, it says which.
 */
export async function writeChildren(
  session: Session,
  children: ChildrenPlan,
  lists: string,
  parents: Parents,
  counts: Map<string, RelatedCounts>,
  load: LoadRange,
): Promise<void> {
  const { plan, links, label } = children;
  const { fill, places, levels, clear } = childrenStatements(children, lists);
  const parameters = [
    parents.positions,
    ...links.map(({ parent }) => parents.values.get(parent.column.name) ?? []),
  ];
  const within = async <T>(place: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw refusedWithin(error, plan.table, label, place);
    }
  };
  await createStage(session, plan);
  await session.query(clear);
  const all = await within(label, () => session.execute(fill, parameters));
  if (all === 0) return;
  const isAlone = new Set(parents.positions).size === 1;
  const ends: number[] = [];
  if (isAlone) { for (let end = 1; end <= all; end++) ends.push(end); }
  else if (levels === null) ends.push(all);
  else {
    for (const { n } of await session.query<{ n: number }>(levels)) {
      ends.push((ends.at(-1) ?? 0) + n);
    }
  }
  const ords = isAlone ? await session.query<{ ord: number }>(places, parameters) : [];
  const loaded = new LoadedRows(all);
  const order = Int32Array.from({ length: all }, (_, index) => index);
  const isStaged = (position: number) => loaded.outcomes[position] === UNDECIDED;
  let from = 0;
  for (const to of ends) {
    const place = isAlone ? `${label} ${ords[from].ord}` : label;
    const range = { from, to, order, isStaged };
    const deeper = await within(place, () => load(plan, range, loaded));
    for (const [table, more] of deeper) addCounts(counts, table, more);
    const [refused] = loaded.errors.values();
    if (refused !== undefined) {
      throw new RelatedRefused(plan.table, label, refused, [place]);
    }
    from = to;
  }
  const outcomes = [...loaded.outcomes];
  const count = (outcome: number) => outcomes.filter((each) => each === outcome).length;
  addCounts(counts, plan.table.name, {
    created: count(CREATED),
    updated: count(UPDATED),
    skipped: count(SKIPPED),
  });
}
