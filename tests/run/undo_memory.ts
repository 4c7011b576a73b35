/**
 * Whether what a run has noted is enough to take it back, and right: looked at in SQL, without the
 * program's own undo. The table has a column `was` that no import fills, and that numbers the rows
 * from before.
 */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import type { Run } from "../../src/ledger/runs.ts";

/** Notes what the table is like, before a run. */
export async function rememberTable(session: Session, table = "t"): Promise<void> {
  await session.query(
    `drop table if exists before_run;
     create table before_run as
       select was, xmin::text as version, to_jsonb(t) as values from ${table} t`,
  );
}

interface Judged {
  readonly row: string;
  readonly was: number | null;
  readonly marks: readonly string[];
  readonly exceptions: number;
  readonly untouched: boolean;
}

/** Every row of the table is under the right mark of the run, or its chain, and no other row is. */
export async function assertMarked(
  session: Session,
  runs: readonly Pick<Run, "id">[],
  { table = "t", identity = [] }: { table?: string; identity?: readonly string[] } = {},
): Promise<void> {
  const key = identity.length === 0
    ? "null::text[]"
    : `array[${identity.map((name) => `t.${name}::text`).join(", ")}]`;
  const judged = await session.query<Judged>(
    `select t::text as row, t.was,
       array(select m.wrote from ingest.undo_marks m
         where m.run_id = any($1::bigint[]) and m.relation = $2::regclass
           and m.xid::xid = t.xmin) as marks,
       (select count(*) from ingest.undo_rows u
         join ingest.undo_marks m on m.run_id = u.run_id and m.batch = u.batch and m.xid = u.xid
         where u.run_id = any($1::bigint[]) and u.relation = $2::regclass
           and u.xid::xid = t.xmin and u.identity = ${key}
           and u.created <> (m.wrote = 'created')) as exceptions,
       exists (select from before_run b
         where b.was = t.was and b.version = t.xmin::text and b.values = to_jsonb(t)) as untouched
     from ${table} t`,
    [runs.map(({ id }) => id), table],
  );
  for (const { row, was, marks, exceptions, untouched } of judged) {
    assert.ok(marks.length <= 1, `${row} is under ${marks.length} marks`);
    assert.ok(exceptions <= marks.length, `${row} has ${exceptions} exceptions`);
    const [mark = "none"] = marks;
    const wrote = exceptions === 0 ? mark : mark === "created" ? "updated" : "created";
    const expected = was === null ? "created" : untouched ? "none" : "updated";
    assert.equal(wrote, expected, `what the run did to ${row}`);
  }
  const [{ unnumbered }] = await session.query<{ unnumbered: number }>(
    "select count(*) as unnumbered from ingest.undo_marks where xid is null",
  );
  assert.equal(unnumbered, 0, "marks without a number");
}
