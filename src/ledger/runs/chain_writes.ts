/** `undo_marks` and `undo_tables`: what a chain of runs has written, as far as an undo can find it. */
import type { Ledger } from "../ledger.ts";

/** A table that runs of a chain have written to. */
export interface UndoTable {
  /** The runs, and how they tell its rows apart. */
  readonly written: readonly {
    readonly run: number;
    readonly identity: readonly string[];
    readonly columns: readonly string[];
  }[];
  readonly relation: number;
  /** Null: whoever wrote to it could not know. */
  readonly system_identifier: string | null;
}

/** SQL: the runs of a chain that have written to its table: the root and its retries. */
export function chainOf(ledger: Ledger, root: number): string {
  return `(select id from ${ledger.schema}.runs
    where (id = ${BigInt(root)} or parent_id = ${BigInt(root)}) and not dry_run)`;
}

export async function listUndoTables(ledger: Ledger, root: number): Promise<UndoTable[]> {
  return await ledger.query<UndoTable>(
    `select relation::bigint as relation, min(system_identifier)::text as system_identifier,
       jsonb_agg(jsonb_build_object('run', run_id, 'identity', identity, 'columns', columns)
         order by run_id) as written
     from ${ledger.schema}.undo_tables where run_id in ${chainOf(ledger, root)}
     group by relation order by relation`,
  );
}

/** SQL: does `u`, one of `undo_rows`, have the old values of a row? */
export const IS_IMAGE = "not u.created and u.before is not null";

/** The numbers of transactions as rows have them: the lower 32 bits. */
export interface UndoMarks {
  /** Rows under these were created. */
  readonly created: readonly string[];
  /** Rows under these were updated. */
  readonly updated: readonly string[];
  /** Old values of some of them are in `undo_rows`. */
  readonly hasOldValues: boolean;
  /** There are single rows under the numbers that were updated instead, or created. */
  readonly hasExceptions: boolean;
  /** How many rows there are under numbers that older rows of the table may have, too: with exceptions. */
  readonly repeatable: readonly { readonly xid: string; readonly rows: number }[];
}

interface FoundMark {
  readonly xid: string;
  readonly wrote: "created" | "updated";
  readonly repeatable: boolean;
  readonly rows: number;
}

/** Of the rows that the chain has written to the table. */
export async function readMarks(
  ledger: Ledger,
  root: number,
  { relation }: Pick<UndoTable, "relation">,
): Promise<UndoMarks> {
  const { schema } = ledger;
  const marks = await ledger.query<FoundMark>(
    `select m.xid::xid::text as xid, m.wrote,
       bool_or(m.xid::text::numeric >= 4294967296) as repeatable,
       coalesce(sum(m.rows + (
         select count(*) from ${schema}.undo_rows u
         where u.run_id = m.run_id and u.batch = m.batch and u.xid = m.xid
           and u.relation = m.relation and u.created <> (m.wrote = 'created')
       )), 0)::bigint as rows
     from ${schema}.undo_marks m
     where m.run_id in ${chainOf(ledger, root)} and m.relation = ${relation} and m.xid is not null
     group by 1, 2`,
  );
  const [has] = await ledger.query<{ exceptions: boolean; images: boolean }>(
    `select exists (select from ${schema}.undo_rows u
       where u.run_id in ${chainOf(ledger, root)} and ${IS_IMAGE}
         and u.relation = ${relation}) as images,
     exists (
       select from ${schema}.undo_rows u join ${schema}.undo_marks m
         on m.run_id = u.run_id and m.batch = u.batch and m.xid = u.xid
       where u.run_id in ${chainOf(ledger, root)} and u.relation = ${relation}
         and m.relation = ${relation} and u.created <> (m.wrote = 'created')) as exceptions`,
  );
  const of = (fits: (mark: FoundMark) => boolean) => marks.filter(fits).map(({ xid }) => xid);
  return {
    created: of(({ wrote }) => wrote === "created"),
    updated: of(({ wrote }) => wrote === "updated"),
    hasOldValues: has.images,
    hasExceptions: has.exceptions,
    repeatable: marks.filter(({ repeatable }) => repeatable),
  };
}

/** Conditions on `t`, a row of the table: each is true for rows that none of the others is. */
export interface UndoConditions {
  /** The chain has created it, and nobody has changed it since. */
  readonly created: string;
  /**
   * The chain has updated it, nobody has since, and its old values were not kept. If those of some rows
   * were, looking for the others takes long.
   */
  readonly overwritten: string;
  /** The chain has updated it, nobody has since, and its old values are known. */
  readonly restorable: string;
  /** Perhaps the chain has written it, perhaps another run of four billion transactions ago. */
  readonly unsure: string;
  /** True for no other rows than these, and quicker. */
  readonly any: string;
}

/** `unsure`: numbers that more rows have than the chain has written. `identityOf`: SQL of text[]. */
export function conditionsOf(
  ledger: Ledger,
  { created, updated, hasOldValues, hasExceptions }: UndoMarks,
  { relation, written }: UndoTable,
  unsure: readonly string[],
  identityOf: (identity: readonly string[]) => string,
): UndoConditions {
  const sure = (xids: readonly string[]) => xids.filter((xid) => !unsure.includes(xid));
  const under = (xids: readonly string[]) => `t.xmin = any('{${xids.join(",")}}'::xid[])`;
  const isUnsure = under(unsure);
  const listed = (which: string) => {
    const each = written.filter(({ identity }) => identity.length > 0).map(({ run, identity }) =>
      // As text, because xid has no order, and Postgres wants one to compare rows.
      `(t.xmin::text, ${identityOf(identity)}) in (select u.xid::xid::text, u.identity
         from ${ledger.schema}.undo_rows u
         where u.run_id = ${run} and u.relation = ${relation} and ${which})`
    );
    return each.length === 0 ? "false" : `(${each.join(" or ")})`;
  };
  const isCreated = under(sure(created));
  const isUpdated = under(sure(updated));
  const hasOld = hasOldValues ? hasImage(ledger, written, relation, identityOf) : "false";
  const lacksImage = hasOldValues ? `and not ${hasOld}` : "";
  const restorable = `(${isUpdated} and ${hasOld})`;
  if (!hasExceptions) {
    return {
      created: isCreated,
      overwritten: `(${isUpdated} ${lacksImage})`,
      restorable,
      unsure: isUnsure,
      any: under(hasOldValues ? [...created, ...unsure] : [...created, ...updated, ...unsure]),
    };
  }
  return {
    created: `((${isCreated} and not ${listed("not u.created")}) or
      (${isUpdated} and ${listed("u.created")}))`,
    overwritten: `(((${isUpdated} and not ${listed("u.created")}) or
      (${isCreated} and ${listed("not u.created and u.before is null")})) ${lacksImage})`,
    restorable,
    unsure: isUnsure,
    any: under([...created, ...updated, ...unsure]),
  };
}

/** SQL: are the old values of `t` known? */
function hasImage(
  { schema }: Ledger,
  written: UndoTable["written"],
  relation: number,
  identityOf: (identity: readonly string[]) => string,
): string {
  const each = written.filter(({ identity }) => identity.length > 0).map(({ run, identity }) =>
    `exists (select from ${schema}.undo_rows u
       where u.run_id = ${run} and u.relation = ${relation} and ${IS_IMAGE}
         and u.identity = ${identityOf(identity)})`
  );
  return `(${each.join(" or ")})`;
}
