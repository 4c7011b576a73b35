/**
 * Whether what a run has noted is enough to take it back, and right: looked at in SQL, without the
 * program's own undo. The table has a column `was` that no import fills, and that numbers the rows
 * from before.
 */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";

/** Notes what the table is like, before a run. */
export async function rememberTable(session: Session, table = "t"): Promise<void> {
  await session.query(
    `drop table if exists before_run;
     create table before_run as
       select was, xmin::text as version, t::text as row from ${table} t`,
  );
}

interface Noted {
  readonly identity: readonly string[];
  readonly columns: readonly string[];
}

interface Judged {
  readonly row: string;
  readonly was: number | null;
  readonly marks: readonly string[];
  readonly wrote: string | null;
  readonly untouched: boolean;
}

const CHAIN = "run_id = any($1::bigint[]) and relation = $2::regclass";

/** Every row of the table is under the right mark of the run, or its chain, and no other row is. */
export async function assertMarked(
  session: Session,
  runs: readonly Pick<Run, "id">[],
  table = "t",
): Promise<void> {
  const ids = runs.map(({ id }) => id);
  const identity = identityOf(await readNoted(session, ids, table));
  const judged = await session.query<Judged>(
    `select t::text as row, t.was, ${wroteOf(identity)} as wrote,
       array(select wrote from ingest.undo_marks where ${CHAIN} and xid::xid = t.xmin) as marks,
       exists (select from before_run b where b.was = t.was and b.version = t.xmin::text
         and b.row = t::text) as untouched
     from ${table} t`,
    [ids, table],
  );
  for (const { row, was, marks, wrote, untouched } of judged) {
    assert.ok(marks.length <= 1, `${row} is under ${marks.length} marks`);
    const expected = was === null ? "created" : untouched ? null : "updated";
    assert.equal(wrote, expected, `what the run did to ${row}`);
  }
  const [{ unnumbered }] = await session.query<{ unnumbered: number }>(
    "select count(*) as unnumbered from ingest.undo_marks where xid is null",
  );
  assert.equal(unnumbered, 0, "marks without a number");
  const [{ more, rows }] = await session.query<{ more: number; rows: number }>(
    `select count(*) filter (where found > rows) as more, sum(rows) as rows from (
       select rows, (select count(*) from ${table} t where t.xmin = m.xid::xid
         and ${wroteOf(identity)} = m.wrote) as found
       from ingest.undo_marks m where ${CHAIN}) m`,
    [ids, table],
  );
  assert.equal(more, 0, `marks have more rows than they say, ${rows} together`);
}

/** SQL: what the chain did to the row `t`: its mark says so, if it isn't an exception there. */
function wroteOf(identity: string): string {
  return `(select case when exists (
      select from ingest.undo_rows u where u.run_id = mark.run_id and u.batch = mark.batch
        and u.relation = mark.relation and u.xid = mark.xid and u.before is null
        and u.identity = ${identity} and u.created <> (mark.wrote = 'created'))
    then case mark.wrote when 'created' then 'updated' else 'created' end else mark.wrote end
    from ingest.undo_marks mark where ${CHAIN} and mark.xid::xid = t.xmin)`;
}

/** If created rows are deleted, and updated ones get their old values, the table is as it was. */
export async function assertRestorable(
  session: Session,
  runs: readonly Pick<Run, "id">[],
  table = "t",
): Promise<void> {
  const ids = runs.map(({ id }) => id);
  const noted = await readNoted(session, ids, table);
  const identity = identityOf(noted);
  const types = await session.query<{ name: string; type: string }>(
    `select quote_ident(attname) as name, format_type(atttypid, atttypmod) as type
     from unnest($2::text[]) with ordinality as c (name, place)
     join pg_attribute on attname = c.name and attrelid = $1::regclass order by place`,
    [table, noted.columns],
  );
  const old = types.map(({ name, type }, index) => `${name} = u.before[${index + 1}]::${type}`);
  await session.query("begin; set local session_replication_role = replica");
  try {
    await session.execute(
      `delete from ${table} t where ${wroteOf(identity)} = 'created'`,
      [ids, table],
    );
    await session.execute(
      `update ${table} t set ${old.join(", ")} from ingest.undo_rows u
       where u.run_id = any($1::bigint[]) and u.relation = $2::regclass and u.before is not null
         and u.identity = ${identity} and ${wroteOf(identity)} = 'updated'`,
      [ids, table],
    );
    const differences = await session.query<{ row: string }>(
      `(select 'was: ' || row as row from before_run except all select 'was: ' || t::text from ${table} t)
       union all
       (select 'is: ' || t::text from ${table} t except all select 'is: ' || row from before_run)`,
    );
    assert.deepEqual(differences, [], "what can't be restored");
  } finally {
    await session.query("rollback");
  }
}

async function readNoted(
  session: Session,
  ids: readonly number[],
  table: string,
): Promise<Noted> {
  const noted = await session.query<Noted>(
    `select distinct identity, columns from ingest.undo_tables where ${CHAIN}`,
    [ids, table],
  );
  assert.equal(noted.length, 1, "the runs have noted the table in the same way");
  return noted[0];
}

function identityOf({ identity }: Noted): string {
  if (identity.length === 0) return "null::text[]";
  return `array[${identity.map((name) => `t."${name}"::text`).join(", ")}]`;
}
