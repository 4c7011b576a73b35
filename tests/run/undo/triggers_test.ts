/** Triggers and foreign keys write to the table, too. An undo deletes nothing that was there before. */
import assert from "node:assert/strict";
import { type Workshop, workshop } from "../importing.ts";
import { imported, IMPORTER, rowsOf, undo } from "./undoing.ts";

const TABLE = `create table t (id int primary key, v text, was int);
  insert into t select i, 'old', i from generate_series(1, 9) i;`;
const UPSERT = `${IMPORTER}key: [id]\non_duplicate: update\n`;

function trigger(when: string, body: string): string {
  return `create function f() returns trigger language plpgsql as $$ ${body} $$;
    create trigger f ${when} on t for each row execute function f();`;
}

/** What else writes to the table while rows are inserted and updated, those from 10 on being new. */
const WRITERS: Readonly<Record<string, string>> = {
  "BEFORE, in a block with EXCEPTION, changes the new row": trigger(
    "before insert or update",
    `begin
       begin new.v := new.v || '!'; perform 1 / (new.id % 2);
       exception when division_by_zero then new.v := new.v || '?'; end;
       return new; end`,
  ),
  "AFTER, in a block with EXCEPTION, updates the new row": trigger(
    "after insert",
    `begin
       begin update t set v = v || '!' where id = new.id; perform 1 / (new.id % 2);
       exception when division_by_zero then null; end;
       return null; end`,
  ),
  "AFTER, in a block with EXCEPTION, updates other rows": trigger(
    "after insert",
    `begin
       begin update t set v = v || '!' where id = new.id % 9 + 1; perform 1 / (new.id % 2);
       exception when division_by_zero then update t set v = v || '?' where id = 9; end;
       return null; end`,
  ),
  "AFTER, deletes other rows": trigger(
    "after insert",
    "begin delete from t where id = new.id - 10; return null; end",
  ),
  "AFTER, deletes other rows and inserts them again": trigger(
    "after insert",
    `begin with gone as (delete from t where id = new.id - 10 returning *)
       insert into t select id, v || '!', was from gone; return null; end`,
  ),
  "BEFORE, takes a row and updates another one instead": trigger(
    "before insert",
    `begin if new.id = 12 then update t set v = v || '!' where id = 3; return null; end if;
     return new; end`,
  ),
};

const NEW = "id,v\n10,a\n11,a\n12,a\n13,a\n14,a\n";

for (const [what, writer] of Object.entries(WRITERS)) {
  for (
    const [how, definition, file] of [
      ["copied", IMPORTER, NEW],
      ["staged", `${UPSERT}options: {undo: updates}\n`, `${NEW}1,b\n5,b\n`],
    ]
  ) {
    Deno.test(`${what}; rows are ${how}`, async () => {
      await using shop = await workshop(TABLE + writer);
      const run = await imported(shop, file, definition);
      assert.match(run.status, /^completed/u);
      const there = await numbered(shop);
      await undo(shop, run);
      assert.deepEqual(await numbered(shop), there);
    });
  }
}

/** The rows from before that are still there. */
async function numbered({ session }: Pick<Workshop, "session">): Promise<number[]> {
  const rows = await session.query<{ was: number }>(
    "select was from t where was is not null order by 1",
  );
  return rows.map(({ was }) => was);
}

Deno.test("rows that a foreign key of the table to itself has changed are not the run's", async () => {
  for (const undoes of ["inserts", "updates"]) {
    await using shop = await workshop(
      `create table t (id int primary key, v text unique, parent text references t (v) on update cascade,
         was int);
       insert into t select i, 'v' || i, case when i > 1 then 'v1' end, i from generate_series(1, 5) i`,
    );
    const before = await rowsOf(shop);
    // Most rows are created. Where one statement does it all, its rows are taken for created ones.
    const file = "id,v\n1,new\n10,a\n11,b\n12,c\n13,d\n14,e\n15,f\n16,g\n";
    const run = await imported(shop, file, `${UPSERT}options: {undo: ${undoes}}\n`);
    assert.equal(run.status, "completed");
    assert.deepEqual((await rowsOf(shop)).at(-1), "(5,v5,new,5)");
    await undo(shop, run);
    assert.deepEqual(await numbered(shop), [1, 2, 3, 4, 5]);
    if (undoes === "updates") assert.deepEqual(await rowsOf(shop), before);
  }
});

Deno.test("what others write while old values come back is not the earlier run's", async () => {
  const FOLLOWS = `create table t (id int primary key, v text unique, was int,
      parent text references t (v) on update cascade);`;
  for (
    const table of [
      `create table t (id int primary key, v text, was int); ${
        trigger(
          "after update of v",
          `begin if new.id >= 10 then update t set v = v || '!' where was = 1; end if;
           return null; end`,
        )
      } insert into t values (1, 'old', 1);`,
      FOLLOWS,
    ]
  ) {
    await using shop = await workshop(table);
    const updates = `${UPSERT}options: {undo: updates}\n`;
    const first = await imported(shop, "id,v\n10,a\n11,b\n", updates);
    if (table === FOLLOWS) {
      await shop.session.query("insert into t (id, v, was, parent) values (1, 'old', 1, 'a')");
    }
    const later = await imported(shop, "id,v\n10,x\n11,y\n", updates);
    assert.match(await undo(shop, later), /deleted 0, restored 2, kept/u);
    const there = await rowsOf(shop);
    assert.equal(there.length, 3);
    await undo(shop, first);
    assert.deepEqual(await numbered(shop), [1]);
  }
});
