import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { introspect } from "../../../src/load/catalog/introspect.ts";
import type { Table } from "../../../src/load/catalog/table.ts";
import { testDatabase } from "../../support/database.ts";

async function tableOf(session: Session, ddl: string, name = "t"): Promise<Table> {
  await session.query(ddl);
  return await introspect(session, name, "ingest");
}

Deno.test("unique indexes: the primary key first, expressions, partial, included, deferrable", async () => {
  await using db = await testDatabase();
  const table = await tableOf(
    db.session,
    `create table t (a int, b text, c int, d int, primary key (d, a));
     create unique index i1_expression on t (c, lower(b));
     create unique index i2_partial on t (b) where a > 1;
     create unique index i3_included on t (c, b) include (d);
     alter table t add constraint i4_deferrable unique (c, a) deferrable;
     create index not_unique on t (c)`,
  );
  deepStrictEqual(
    table.uniqueIndexes.map(({ name, primary, columns, partial, deferrable }) => ({
      name,
      primary,
      columns,
      partial,
      deferrable,
    })),
    [
      { name: "t_pkey", primary: true, columns: ["d", "a"], partial: false, deferrable: false },
      { name: "i1_expression", primary: false, columns: null, partial: false, deferrable: false },
      { name: "i2_partial", primary: false, columns: ["b"], partial: true, deferrable: false },
      {
        name: "i3_included",
        primary: false,
        columns: ["c", "b"],
        partial: false,
        deferrable: false,
      },
      {
        name: "i4_deferrable",
        primary: false,
        columns: ["c", "a"],
        partial: false,
        deferrable: true,
      },
    ],
  );
});

Deno.test("an index that treats NULLs as equal is recognised", async () => {
  await using db = await testDatabase();
  if (db.session.serverVersion < 150000) return;
  const table = await tableOf(
    db.session,
    `create table t (a int, b int unique);
     create unique index t_a on t (a) nulls not distinct`,
  );
  deepStrictEqual(
    table.uniqueIndexes.map(({ name, nullsNotDistinct }) => [name, nullsNotDistinct]),
    [["t_a", true], ["t_b_key", false]],
  );
});

Deno.test("foreign keys: to other schemas, to the table itself, over several columns", async () => {
  await using db = await testDatabase();
  const table = await tableOf(
    db.session,
    `create schema crm;
     create table crm.companies (country text, number int, primary key (country, number));
     create table t (k int primary key, parent int constraint t_parent references t,
       number int, country text,
       constraint t_company foreign key (country, number) references crm.companies)`,
  );
  deepStrictEqual(table.foreignKeys.map(({ referencedOid: _, ...key }) => key), [
    {
      name: "t_company",
      columns: ["country", "number"],
      referencedRows: "only crm.companies",
      referencedName: "companies",
      referencedColumns: ["country", "number"],
      equal: ["operator(pg_catalog.=)", "operator(pg_catalog.=)"],
      collate: ["", ""],
      toItself: false,
      opaque: false,
    },
    {
      name: "t_parent",
      columns: ["parent"],
      referencedRows: "only public.t",
      referencedName: "t",
      referencedColumns: ["k"],
      equal: ["operator(pg_catalog.=)"],
      collate: [""],
      toItself: true,
      opaque: false,
    },
  ]);
});

Deno.test("a partitioned table has its own indexes, keys and triggers, not its partitions'", async () => {
  await using db = await testDatabase();
  const table = await tableOf(
    db.session,
    `create table other (k int primary key) partition by range (k);
     create table other_1 partition of other for values from (1) to (10);
     create table t (k int primary key, parent int constraint t_parent references t,
       o int constraint t_o references other) partition by range (k);
     create table t_1 partition of t for values from (1) to (10);
     create table t_2 partition of t for values from (10) to (20);
     create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before insert on t_2 for each row execute function f()`,
  );
  deepStrictEqual(table.uniqueIndexes.map(({ name }) => name), ["t_pkey"]);
  deepStrictEqual([...table.uniqueIndexes[0].partitionNames ?? []].sort(), [
    "t_1_pkey",
    "t_2_pkey",
  ]);
  deepStrictEqual(table.foreignKeys.map(({ name, toItself }) => [name, toItself]), [
    ["t_o", false],
    ["t_parent", true],
  ]);
  // An update may move a row into this partition, or out of it.
  strictEqual(eventsOf(table), "insert update");
  await db.session.query(
    "drop trigger g on t_2; create trigger g before delete on t_2 " +
      "for each row execute function f()",
  );
  strictEqual(eventsOf(await introspect(db.session, "t", "ingest")), "update");
});

Deno.test("exclusion constraints are recognised, row-level security only where it applies", async () => {
  await using db = await testDatabase();
  const table = await tableOf(
    db.session,
    `create table t (during tstzrange, exclude using gist (during with &&));
     alter table t enable row level security`,
  );
  strictEqual(table.hasExclusionConstraint, true);
  // A superuser bypasses it.
  strictEqual(table.rowLevelSecurity, false);
  await db.session.query("alter table t force row level security");
  strictEqual((await introspect(db.session, "t", "ingest")).rowLevelSecurity, false);
});

Deno.test("only enabled BEFORE ROW triggers on INSERT or UPDATE count", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    "create function f() returns trigger language plpgsql as 'begin return new; end'",
  );
  const triggers: readonly (readonly [string, string])[] = [
    ["before insert on t for each row", "insert"],
    ["before update of a on t for each row", "update"],
    ["before insert or update on t for each row", "insert update"],
    ["before delete on t for each row", ""],
    ["after insert on t for each row", ""],
    ["before insert on t for each statement", ""],
  ];
  for (const [what, events] of triggers) {
    await session.query(
      `drop table if exists t; create table t (a int); create trigger g ${what} execute function f()`,
    );
    strictEqual(eventsOf(await introspect(session, "t", "ingest")), events, what);
  }
  await session.query(
    `create trigger h before insert or update on t for each row execute function f();
     alter table t disable trigger all`,
  );
  strictEqual(eventsOf(await introspect(session, "t", "ingest")), "");
});

Deno.test("triggers that update or delete rows are known by the code of their functions", async () => {
  await using db = await testDatabase();
  const { session } = db;
  const bodies: readonly (readonly [string, boolean])[] = [
    ["update t set b = new.b where a = new.a; if found then return null; end if;", true],
    ["DELETE\n FROM t WHERE a = new.a;", true],
    ["insert into t values (new.*) on conflict do nothing; return null;", true],
    ["execute 'update t set b = 1';", true],
    ["insert into u values (new.*); return null;", false],
    ["if tg_op = 'UPDATE' then new.updated_at := now(); end if; -- update\n", false],
  ];
  for (const [body, expected] of bodies) {
    await session.query(
      `drop table if exists t; create table t (a int, b int, updated_at timestamptz)
         partition by list (a);
       create table rest partition of t default;
       create or replace function f() returns trigger language plpgsql as
         $$ begin ${body} return new; end $$;
       create trigger g before insert on rest for each row execute function f()`,
    );
    strictEqual((await introspect(session, "t", "ingest")).triggersChangeRows, expected, body);
  }
  await session.query("alter table rest disable trigger all");
  strictEqual((await introspect(session, "t", "ingest")).triggersChangeRows, false);
});

/** The statements that a BEFORE ROW trigger of the table looks at. */
function eventsOf({ hasBeforeInsertTriggers, hasBeforeUpdateTriggers }: Table): string {
  return [hasBeforeInsertTriggers && "insert", hasBeforeUpdateTriggers && "update"]
    .filter((event) => event !== false).join(" ");
}
