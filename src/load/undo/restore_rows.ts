/** Gives updated rows their old values back. */
import type { PostgresError } from "../../db/connection_errors.ts";
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { type Attempt, isolate } from "../refusal/isolate.ts";
import { inSavepoint } from "./delete_rows.ts";
import type { UndoRelation } from "./undo_relation.ts";

/** Where old values are kept: rows of one of ingest's own tables, which SQL calls `u`. */
export interface Images {
  /** SQL: the table. */
  readonly table: string;
  /** SQL: the condition on `u`. */
  readonly which: string;
  /** The columns of `u.identity` and `u.before`. */
  readonly identity: readonly string[];
  readonly columns: readonly string[];
}

export interface Restored {
  readonly rows: number;
  /** By the image's place. */
  readonly refused: ReadonlyMap<string, PostgresError>;
}

/** SQL: is `t` the row that the image `u` is of? */
export function isRowOf({ identity }: Images, { columns }: UndoRelation): string {
  return identity.map((name, i) => {
    const type = columns.find((column) => column.name === name)?.type ?? "text";
    return `t.${identifier(name)} = (u.identity[${i + 1}])::${type}`;
  }).join(" and ");
}

/**
 * Restores the rows that have one of the numbers `xids` still, and forgets their images. `note` is done
 * in the same savepoint as each attempt that has restored some. `alone`: nothing else has written rows
 * of the table under its number.
 */
export async function restoreRows(
  session: Session,
  relation: UndoRelation,
  rows: string,
  images: Images,
  xids: readonly string[],
  places: readonly string[],
  note: (rows: number, alone: boolean) => Promise<void>,
): Promise<Restored> {
  const set = images.columns.flatMap((name, i) => {
    const column = relation.columns.find((each) => each.name === name);
    return column?.writable !== true
      ? []
      : [`${identifier(name)} = (u.before[${i + 1}])::${column.type}`];
  });
  const statement = `with restored as (
      update ${rows} t set ${set.join(", ")} from ${images.table} u
      where ${images.which} and u.ctid = any($1::tid[]) and ${isRowOf(images, relation)}
        and t.xmin = any('{${xids.join(",")}}'::xid[])
      returning u.ctid as image
    )
    delete from ${images.table} u where ${images.which} and u.ctid in (select image from restored)`;
  const attempt = (some: readonly string[]) =>
    inSavepoint(session, async () => {
      const before = await countWrites(session, relation);
      const rows = await session.execute(statement, [some]);
      if (rows === 0) return 0;
      // What deferred triggers do counts as well.
      await session.query("set constraints all immediate");
      const { written, removed } = await countWrites(session, relation);
      await note(rows, written - before.written === rows && removed - before.removed === rows);
      return rows;
    });
  const all = await attempt(places);
  if (all.ok) return { rows: all.rows, refused: new Map() };
  const refused = new Map<string, PostgresError>();
  let done = 0;
  await isolate<PostgresError>(
    0,
    places.length,
    async (from, to): Promise<Attempt<PostgresError>> => {
      const tried = await attempt(places.slice(from, to));
      if (!tried.ok) return { ok: false, at: null, refusal: tried.error };
      done += tried.rows;
      return { ok: true };
    },
    (at, error) => void refused.set(places[at], error),
  );
  return { rows: done, refused };
}

/**
 * Versions of rows that were written and removed since some moment before the transaction. An update
 * is one of each, and so is a row that moves to another partition. (Without `track_counts`, both are
 * 0.)
 */
async function countWrites(session: Session, { oid, leaves }: UndoRelation) {
  const [counts] = await session.query<{ written: number; removed: number }>(
    `select coalesce(sum(pg_stat_get_xact_tuples_inserted(oid) + updated), 0)::bigint as written,
       coalesce(sum(pg_stat_get_xact_tuples_deleted(oid) + updated), 0)::bigint as removed
     from unnest($1::oid[]) as leaf (oid),
       lateral (select pg_stat_get_xact_tuples_updated(oid) as updated) u`,
    [[...new Set([oid, ...leaves.map((leaf) => leaf.oid)])]],
  );
  return counts;
}

/** What has become of the row that an image is of. */
export interface FoundRow {
  readonly place: string;
  /** It isn't there any more. */
  readonly gone: boolean;
  /** Its number, if it is. */
  readonly xmin: string | null;
}

export function findRows(
  session: Session,
  relation: UndoRelation,
  rows: string,
  images: Images,
): Promise<FoundRow[]> {
  return session.query<FoundRow>(
    `select distinct on (u.ctid) u.ctid::text as place, t.ctid is null as gone, t.xmin::text as xmin
     from ${images.table} u left join ${rows} t on ${isRowOf(images, relation)}
     where ${images.which} order by u.ctid`,
  );
}
