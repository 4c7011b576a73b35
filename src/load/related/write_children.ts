/** Writes the children of some rows: through a stage of their own, as any rows are loaded. */
import type { Session } from "../../db/session.ts";
import {
  CREATED,
  LoadedRows,
  OUTCOMES,
  SKIPPED,
  TAKEN,
  UNDECIDED,
  UPDATED,
} from "../encoded_rows.ts";
import type { ChildrenPlan, LoadPlan } from "../load_plan.ts";
import type { StagedRange } from "../record_outcomes.ts";
import { childrenStatements } from "./children_statements.ts";
import { refusedWithin, RelatedRefused } from "./related_refused.ts";
import type { Parents } from "./parents.ts";
import { addCounts, type RelatedCounts, takenByTrigger } from "./related_plan.ts";

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
  await session.query(clear);
  const count = await within(plan, label, label, () => session.execute(fill, parameters));
  if (count === 0) return;
  const all: readonly number[] = await endsOfLevels(session, levels, count);
  const apply = (ends: readonly number[], placeOf: (from: number) => string) =>
    loadLevels(children, ends, placeOf, load);
  if (new Set(parents.positions).size > 1 || count === 1) {
    const place = count === 1 ? `${label} 1` : label;
    return addAll(counts, await apply(all, () => place));
  }
  try {
    const together = () => apply(all, () => label);
    return addAll(counts, await session.savepoint("ingest_children", together));
  } catch (error) {
    if (!(error instanceof RelatedRefused)) throw error;
  }
  // Of a row that is alone, it is told which of its children is at fault.
  const ords = await session.query<{ ord: number }>(places, parameters);
  const each = Array.from({ length: count }, (_, index) => index + 1);
  addAll(counts, await apply(each, (from) => `${label} ${ords[from].ord}`));
}

/** Where each level of the staged children ends: no two of a level share a key. */
async function endsOfLevels(
  session: Session,
  levels: string | null,
  count: number,
): Promise<readonly number[]> {
  if (levels === null) return [count];
  let end = 0;
  return (await session.query<{ n: number }>(levels)).map(({ n }) => end += n);
}

/** Loads the staged children, range by range. Throws RelatedRefused. */
async function loadLevels(
  { plan, label }: ChildrenPlan,
  ends: readonly number[],
  placeOf: (from: number) => string,
  load: LoadRange,
): Promise<Map<string, RelatedCounts>> {
  const count = ends.at(-1) ?? 0;
  const counts = new Map<string, RelatedCounts>();
  const loaded = new LoadedRows(count);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  const isStaged = (position: number) => loaded.outcomes[position] === UNDECIDED;
  let from = 0;
  for (const to of ends) {
    const range = { from, to, order, isStaged };
    const place = placeOf(from);
    addAll(counts, await within(plan, label, place, () => load(plan, range, loaded)));
    const [refused] = loaded.errors.values();
    if (refused !== undefined) throw new RelatedRefused(plan.table, label, refused, [place]);
    from = to;
  }
  const rows = new Array<number>(OUTCOMES).fill(0);
  for (const outcome of loaded.outcomes) rows[outcome]++;
  const { [CREATED]: created, [UPDATED]: updated, [SKIPPED]: skipped, [TAKEN]: taken } = rows;
  addCounts(counts, plan.table.name, { created, updated, skipped, ...takenByTrigger(taken) });
  return counts;
}

function addAll(
  counts: Map<string, RelatedCounts>,
  more: ReadonlyMap<string, RelatedCounts>,
): void {
  for (const [table, rows] of more) addCounts(counts, table, rows);
}

/** Throws RelatedRefused for what Postgres refuses. */
async function within<T>(
  { table }: LoadPlan,
  label: string,
  place: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusedWithin(error, table, label, place);
  }
}
