import assert from "node:assert/strict";
import { introspect } from "../../../src/load/catalog/introspect.ts";
import { tableChanges } from "../../../src/load/catalog/table_changes.ts";
import { tableShape } from "../../../src/load/catalog/table_shape.ts";
import { testDatabase } from "../../support/database.ts";

/** A change of `t`, and what is said about it. */
const changes: readonly [change: string, words: string][] = [
  ["alter table t alter n type bigint", "n of t is bigint now, it was integer"],
  [
    "alter table t alter s type varchar(20)",
    "s of t is character varying(20) now, it was character varying(10)",
  ],
  ["alter table t alter n set not null", "n of t must not be NULL any more"],
  ["alter table t alter n set default 1", "n of t has a default now"],
  ["alter table t drop n", "n of t is gone"],
  ["alter table t add x int", "x of t is new"],
  ["alter table t rename n to o", "o of t is new; n of t is gone"],
  ["alter table t add check (n > 0)", "the constraint t_n_check is new"],
  ["create unique index t_n on t (n)", "the unique index t_n is new"],
  ["alter table t drop constraint t_pkey", "the unique index t_pkey is gone"],
  ["alter table t add foreign key (n) references t", "the foreign key t_n_fkey is new"],
  ["alter type mood add value 'new'", "m of t takes other values now: good, bad, new"],
  [
    "create trigger x before insert on t for each row execute function nothing()",
    "t has BEFORE INSERT triggers now",
  ],
  ["alter table t alter s type varchar(10) collate odd", "s of t has another collation"],
  [
    "alter table t rename n to x; alter table t rename id to n; alter table t rename x to id",
    "n of t is another column now; n of t must not be NULL any more; " +
    "id of t is another column now; id of t may be NULL now; " +
    "the unique index t_pkey is different now",
  ],
  [
    "create table p (like t) ; drop table t; alter table p rename to t",
    "t was created anew; the unique index t_pkey is gone",
  ],
  ["create index on t (n)", ""],
];

Deno.test("each change of a table is told in words", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute(
    `create type mood as enum ('good', 'bad');
     create collation odd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create function nothing() returns trigger language plpgsql as 'begin return new; end';
     create table t (id int primary key, n int, s varchar(10), m mood)`,
  );
  const before = tableShape(await introspect(session, "t", "ingest"));
  for (const [change, words] of changes) {
    await session.query(`begin; ${change}`);
    const after = await introspect(session, "t", "ingest");
    assert.equal(tableChanges(before, tableShape(after)).join("; "), words, change);
    await session.query("rollback");
  }
});
