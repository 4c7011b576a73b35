/**
 * Finds the rows whose children Postgres would refuse, with one statement for each table of children.
 * An attempt that fails says nothing of where: with 1,000 such rows in 40,000, halving took minutes.
 */
import type { Session } from "../../db/session.ts";
import type { Table } from "../catalog/table.ts";
import { findRefused } from "../find_refused.ts";
import type { ChildrenPlan, LoadPlan } from "../load_plan.ts";
import type { Refusal, RefusedPart } from "../refusal/refusal.ts";
import { optional } from "../refusal/undoable.ts";
import { refusalRules, rulesAreKnown } from "../rules.ts";
import { childrenStatements, firstChildren } from "./children_statements.ts";
import {
  asParents,
  findParents,
  parentColumns,
  type Parents,
  parentsStatement,
  someOf,
  stagedLists,
  together,
  updatesParents,
} from "./parents.ts";

/**
 * Resolves with the staged positions in [from, to) that have such children, and what Postgres would
 * answer to the first. It may still refuse others: those with the same key as an earlier child, say.
 */
export async function findRefusedChildren(
  session: Session,
  plan: LoadPlan,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Refusal>> {
  const refused = new Map<number, Refusal>();
  const foreseen = [...(plan.related ?? []).entries()].flatMap(([index, part]) => {
    const keys = part.kind === "children" ? keysOfParents(part, plan.table) : null;
    return part.kind === "children" && keys !== null ? [{ index, part, ...keys }] : [];
  });
  if (foreseen.length === 0) return refused;
  // Attempts will show which rows are refused if this fails, for one that can't even be staged.
  await optional(session, async () => {
    const parents = await parentsThatWrite(session, plan, from, to);
    for (const { index, part, byParent } of foreseen) {
      const found = await refusedOf(session, part, stagedLists(plan, index), parents, byParent);
      for (const [position, refusal] of found) {
        if (!refused.has(position)) refused.set(position, refusal);
      }
    }
  });
  return refused;
}

/** The rows whose children will be written. Those that are to be inserted have no values yet. */
async function parentsThatWrite(
  session: Session,
  plan: LoadPlan,
  from: number,
  to: number,
): Promise<Parents> {
  const statement = parentsStatement(plan);
  const found = statement === null ? null : await findParents(session, plan, statement, from, to);
  const known = new Set(found?.positions);
  const added = plan.onMissing === "insert"
    ? Array.from({ length: to - from }, (_, index) => from + index)
      .filter((position) => !known.has(position))
    : [];
  const none = parentColumns(plan).map(() => null);
  const inserted = asParents(plan, added, added.map(() => none));
  if (found === null || !updatesParents(plan)) return inserted;
  return together(inserted, someOf(found, (index) => found.newer[index]));
}

async function refusedOf(
  session: Session,
  part: ChildrenPlan,
  lists: string,
  parents: Parents,
  byParent: boolean,
): Promise<ReadonlyMap<number, Refusal>> {
  const { plan, links, label, table } = part;
  const { fill, origins } = firstChildren(part, lists, byParent);
  const parameters = [
    parents.positions,
    ...links.map(({ parent }) => parents.values.get(parent.column.name) ?? []),
  ];
  await session.query(childrenStatements(part, lists).clear);
  const count = await session.execute(fill, parameters);
  if (count === 0) return new Map();
  const own = new Set(links.map(({ own }) => own.column.name));
  const rules = refusalRules(plan).filter(({ columns }) => !columns.some((name) => own.has(name)));
  const broken = new Map(await findRefusedChildren(session, plan, 0, count));
  for (const [position, { refusal }] of await findRefused(session, plan, rules, 0, count, false)) {
    broken.set(position, refusal);
  }
  if (broken.size === 0) return broken;
  const places = await session.query<{ position: number; parent: number; ord: number }>(
    origins,
    [...parameters, [...broken.keys()]],
  );
  const refused = new Map<number, Refusal>();
  for (const { position, parent, ord } of places) {
    const refusal = broken.get(position);
    if (refusal === undefined || refused.has(parent)) continue;
    refused.set(parent, {
      ...refusal,
      of: within(refusal, { table, label, place: `${label} ${ord}` }),
    });
  }
  return refused;
}

/** Of which child the refusal is, seen from the parent. */
function within(
  { of }: Refusal,
  { table, label, place }: {
    readonly table: Table;
    readonly label: string;
    readonly place: string;
  },
): RefusedPart {
  if (of === undefined) return { table, label, places: [place] };
  return { ...of, label: `${label}.${of.label}`, places: [place, ...of.places] };
}

/**
 * Whether what becomes of a child can be known before its parent is there: the first with its key. Null
 * if it can't: rows may turn out to have the same children.
 */
function keysOfParents({ plan, links }: ChildrenPlan, parent: Table): { byParent: boolean } | null {
  if (!rulesAreKnown(plan)) return null;
  if (!links.some(({ own }) => plan.key.includes(own.column.name))) return { byParent: false };
  const of = links.map((link) => link.parent.column.name);
  const isOwn = parent.uniqueIndexes.some(({ columns, partial }) =>
    columns !== null && !partial && columns.every((name) => of.includes(name))
  );
  return isOwn ? { byParent: true } : null;
}
