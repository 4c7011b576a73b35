/** Brings a pivot table up to date with the lists of some rows, and notes what that has written. */
import type { Session } from "../../db/session.ts";
import { AttemptNotes, type UndoNotes } from "../undo_notes.ts";
import type { LinkPlan } from "./link_plan.ts";
import { linkStatements } from "./link_statements.ts";
import { type RelatedCounts, takenByTrigger } from "./related_plan.ts";

/**
 * `lists`: SQL that selects `position` and `list`; `parameters`: see `LinkStatements`. What is added has a
 * savepoint, and so a number of its own. What is removed is kept. Throws what Postgres refuses.
 */
export async function writeLinks(
  session: Session,
  plan: LinkPlan,
  lists: string,
  parameters: readonly unknown[],
  undo: UndoNotes | null,
): Promise<RelatedCounts> {
  const { insert, remove, count } = linkStatements(plan, lists, undo);
  let removed = 0;
  if (remove !== null) {
    [{ removed }] = await session.query<{ removed: number }>(remove, parameters);
  }
  const notes = new AttemptNotes(plan.table, undo);
  if (undo !== null) notes.begun(await session.query(`savepoint ${LINKS}; ${notes.begin}`));
  const added = await session.execute(insert, parameters);
  if (undo !== null) await session.query(`${notes.created(added)} release savepoint ${LINKS}`);
  if (count === null) return { added, removed };
  const [{ taken }] = await session.query<{ taken: number }>(count, parameters);
  return { added, removed, ...takenByTrigger(taken) };
}

const LINKS = "ingest_links";
