/** Puts rows back into the table that were deleted from it. */
import type { PostgresError } from "../../db/connection_errors.ts";
import { identifiers, literal } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { type Attempt, isolate } from "../refusal/isolate.ts";
import { inSavepoint } from "./delete_rows.ts";
import type { UndoRelation } from "./undo_relation.ts";

export interface PutBack {
  readonly ids: readonly number[];
  /** Those that Postgres refuses, or (null) that a trigger has taken. */
  readonly refused: ReadonlyMap<number, PostgresError | null>;
}

/** A trigger has taken some of the rows. Which, shows if they are put back one by one. */
class Taken extends Error {
  override readonly name = "Taken";
}

/**
 * `from`: SQL, where the rows are: `id`, and their values as text in `row`. `columns`: those that are
 * known; the table fills others. `note` is done in the same savepoint as each attempt.
 */
export async function putBack(
  session: Session,
  { name, columns }: UndoRelation,
  from: string,
  known: readonly string[],
  ids: readonly number[],
  note: (rows: number) => Promise<void>,
): Promise<PutBack> {
  const written = columns.filter((column) => !column.generated && known.includes(column.name));
  const values = written.map(({ name, type }) => `(d.row ->> ${literal(name)})::${type}`);
  const statement = `insert into ${name} (${identifiers(written.map((column) => column.name))})
     overriding system value
     select ${values.join(", ")} from ${from} d where d.id = any($1::bigint[]) order by d.id`;
  const attempt = async (some: readonly number[]) => {
    try {
      return await inSavepoint(session, async () => {
        const rows = await session.execute(statement, [some]);
        if (rows !== some.length) throw new Taken();
        await session.query("set constraints all immediate");
        await note(rows);
        return rows;
      });
    } catch (error) {
      if (error instanceof Taken) return { ok: false, error: null } as const;
      throw error;
    }
  };
  const all = await attempt(ids);
  if (all.ok) return { ids, refused: new Map() };
  const refused = new Map<number, PostgresError | null>();
  await isolate<PostgresError | null>(
    0,
    ids.length,
    async (start, end): Promise<Attempt<PostgresError | null>> => {
      const tried = await attempt(ids.slice(start, end));
      return tried.ok ? { ok: true } : { ok: false, at: null, refusal: tried.error };
    },
    (at, error) => void refused.set(ids[at], error),
  );
  return { ids: ids.filter((id) => !refused.has(id)), refused };
}
