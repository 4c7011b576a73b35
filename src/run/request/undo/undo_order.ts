/** In which order an undo goes through the tables that a run has written to. */
import type { Session } from "../../../db/session.ts";
import { listReferences } from "../../../load/undo/undo_relation.ts";
import type { UndoSource } from "../../undo_source.ts";

export interface Turn {
  readonly source: UndoSource;
  /** Rows of tables before it may refer to its rows. */
  readonly waits: boolean;
}

/**
 * Whoever refers comes before whom it refers to. Where tables refer to each other in a circle, some of
 * their rows are kept, as others refer to them, until the next undo.
 */
export async function inUndoOrder(
  session: Session,
  sources: readonly UndoSource[],
): Promise<readonly Turn[]> {
  const referring = new Map<UndoSource, ReadonlySet<UndoSource>>();
  for (const source of sources) {
    const references = await listReferences(session, source.relation.oid);
    const from = new Set(references.map((reference) => reference.from));
    const hasAny = ({ relation }: UndoSource) =>
      [relation, ...relation.leaves].some(({ oid }) => from.has(oid));
    referring.set(source, new Set(sources.filter((other) => other !== source && hasAny(other))));
  }
  const turns: Turn[] = [];
  const left = new Set(sources);
  while (left.size > 0) {
    const isFree = (source: UndoSource) =>
      ![...referring.get(source)!].some((one) => left.has(one));
    const free = [...left].filter(isFree);
    const next = free.length > 0 ? free : [...left].slice(0, 1);
    const waits = turns.length > 0;
    for (const source of next) {
      left.delete(source);
      turns.push({ source, waits });
    }
  }
  return turns;
}
