import assert from "node:assert/strict";
import {
  assertMigrated,
  migrate,
  pendingMigrations,
  SchemaMismatch,
} from "../../src/db/migrate.ts";
import { type Migration, readMigrations } from "../../src/db/migrations.ts";
import { PostgresError, Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

const first: Migration = {
  number: 1,
  name: "0001_first",
  sql: `create table @schema@.things (id bigint); -- '@schema_name@'
        comment on table @schema@.things is 'of @schema_name@';`,
};
const second: Migration = {
  number: 2,
  name: "0002_second",
  sql: "alter table @schema@.things add column name text;",
};
const broken: Migration = {
  number: 3,
  name: "0003_broken",
  sql: "create table @schema@.more (id bigint); select 1 / 0;",
};

Deno.test("migrate() applies what is missing, once, in a schema of any name", async () => {
  await using db = await testDatabase();
  const schema = `it's "mine"`;
  assert.deepEqual(await pendingMigrations(db.session, schema, [first]), ["0001_first"]);
  assert.deepEqual(await migrate(db.session, schema, [first]), { applied: ["0001_first"] });
  assert.deepEqual(await migrate(db.session, schema, [first]), { applied: [] });
  const both = [first, second];
  assert.deepEqual(await migrate(db.session, schema, both), { applied: ["0002_second"] });
  const [row] = await db.session.query<{ comment: string; names: string[] }>(
    `select obj_description('"it''s ""mine"""."things"'::regclass) as comment,
            array(select name from "it's ""mine""".migrations order by number) as names`,
  );
  assert.deepEqual(row, { comment: `of ${schema}`, names: ["0001_first", "0002_second"] });
});

Deno.test("a migration that fails undoes itself and those applied just before it", async () => {
  await using db = await testDatabase();
  await assert.rejects(
    migrate(db.session, "ingest", [first, broken]),
    (error) => error instanceof PostgresError && error.code === "22012",
  );
  const [{ schemas }] = await db.session.query<{ schemas: number }>(
    "select count(*) as schemas from pg_namespace where nspname = 'ingest'",
  );
  assert.equal(schemas, 0);
  assert.deepEqual(await migrate(db.session, "ingest", [first]), { applied: ["0001_first"] });
});

Deno.test("a migration doesn't wait for ever for a table that somebody has locked", async () => {
  await using db = await testDatabase();
  await migrate(db.session, "ingest", [first]);
  await using reader = await Session.open(db.config);
  await reader.query("begin; select from ingest.things");
  await assert.rejects(migrate(db.session, "ingest", [first, second], 50), {
    name: "TableLocked",
    message: /^A table of ingest's own, in schema ingest, is locked by another session/,
  });
  await reader.query("rollback");
  assert.deepEqual(await migrate(db.session, "ingest", [first, second]), {
    applied: ["0002_second"],
  });
});

Deno.test("eight programs that migrate at the same moment apply each migration once", async () => {
  await using db = await testDatabase();
  const sessions = await Promise.all(Array.from({ length: 8 }, () => Session.open(db.config)));
  const results = await Promise.all(
    sessions.map((session) => migrate(session, "ingest", [first, second])),
  );
  await Promise.all(sessions.map((session) => session.close()));
  const applied = results.flatMap((result) => result.applied).sort();
  assert.deepEqual(applied, ["0001_first", "0002_second"]);
});

Deno.test("a program older than the schema refuses to work on it", async () => {
  await using db = await testDatabase();
  await migrate(db.session, "ingest", [first, second]);
  const refusal = (error: unknown) =>
    error instanceof SchemaMismatch && /newer ingest .*0002_second.*Upgrade/.test(error.message);
  await assert.rejects(migrate(db.session, "ingest", [first]), refusal);
  await assert.rejects(assertMigrated(db.session, "ingest", [first]), refusal);
});

Deno.test("a schema that lacks a migration or has another version of it is refused", async () => {
  await using db = await testDatabase();
  await assert.rejects(assertMigrated(db.session, "ingest", [first]), { name: "NeverUsed" });
  await migrate(db.session, "ingest", [first]);
  await assertMigrated(db.session, "ingest", [first]);
  await assert.rejects(
    assertMigrated(db.session, "ingest", [first, second]),
    /0002_second.*ingest migrate/,
  );
  const edited = { ...first, sql: `${first.sql} -- edited` };
  await assert.rejects(migrate(db.session, "ingest", [edited]), /0001_first differs/);
});

Deno.test("a role that may not create schemas can use one that is up to date", async () => {
  await using db = await testDatabase();
  await migrate(db.session, "ingest", [first]);
  const role = `role_${db.config.database}`;
  await db.session.execute(`create role ${role}; grant usage on schema ingest to ${role};
    grant select on all tables in schema ingest to ${role}`);
  await db.session.transaction(async () => {
    await db.session.execute(`set local role ${role}`);
    await assertMigrated(db.session, "ingest", [first]);
  });
  await db.session.execute(`drop owned by ${role}; drop role ${role}`);
});

Deno.test("migrating the row log keeps what retries did to the rows, and who may read them", async () => {
  await using db = await testDatabase();
  const listed = await readMigrations();
  await migrate(db.session, "it's", listed.filter(({ number }) => number < 4));
  const role = `role_${db.config.database}`;
  await db.session.execute(`
    create role ${role}; grant usage on schema "it's" to ${role};
    grant select on all tables in schema "it's" to ${role};
    insert into "it's".runs (importer, definition, source) values ('i', '{}', '{}');
    insert into "it's".rows (run_id, row_number, line, status, raw, data, claimed_by_run_id,
      resolved_by_run_id)
    values (1, 1, 2, 'failed', '', '{}', 7, 7), (1, 2, 3, 'failed', '', '{}', 8, null),
      (1, 3, 4, 'failed', '', '{}', null, null)`);
  await migrate(db.session, "it's", listed);
  const rows = await db.session.transaction(async () => {
    await db.session.execute(`set local role ${role}`);
    return await db.session.query(
      `select row_number as row, claimed_by_run_id as claimed, resolved_by_run_id as resolved
       from "it's".rows order by 1`,
    );
  });
  assert.deepEqual(rows, [
    { row: 1, claimed: 7, resolved: 7 },
    { row: 2, claimed: 8, resolved: null },
    { row: 3, claimed: null, resolved: null },
  ]);
  await db.session.execute(`drop owned by ${role}; drop role ${role}`);
});

Deno.test("marks of single rows become marks of blocks, which say the same of each row", async () => {
  await using db = await testDatabase();
  const listed = await readMigrations();
  await migrate(db.session, "ingest", listed.filter(({ number }) => number < 13));
  await db.session.execute(
    `insert into ingest.runs (importer, definition, source) values ('i', '{}', '{}');
     insert into ingest.logged_rows (run_id, row_number, line, status, raw, data)
     select run, n, n, 'failed', '', '{}' from generate_series(1, 2) run, generate_series(1, 5000) n;
     insert into ingest.retried_rows
     select run_id, row_number, 7 + row_number % 3, row_number % 5 = 0 from ingest.logged_rows
     where row_number % 7 > 1 and not (run_id = 2 and row_number between 1000 and 3000)`,
  );
  const marks = () =>
    db.session.query(
      `select run_id, row_number, claimed_by_run_id, resolved_by_run_id from ingest.rows
       order by run_id, row_number`,
    );
  const before = await marks();
  assert.equal(new Set(before.map((row) => JSON.stringify(Object.values(row).slice(2)))).size, 7);
  await migrate(db.session, "ingest", listed);
  assert.deepEqual(await marks(), before);
});

Deno.test("rows that were logged with their data stay as they are, and people see and delete them as before", async () => {
  await using db = await testDatabase();
  const listed = await readMigrations();
  await migrate(db.session, "it's", listed.filter(({ number }) => number < 14));
  const role = `role_${db.config.database}`;
  await db.session.execute(
    `create role ${role}; grant usage on schema "it's" to ${role};
     grant select, delete on "it's".rows to ${role};
     insert into "it's".runs (importer, definition, source, header)
     values ('i', '{}', '{}', '{a,b}');
     insert into "it's".logged_rows (run_id, row_number, line, status, raw, data, errors)
     select 1, n, n + 1, 'failed', '\\xff2c32', '{"a": "?", "column_3": "x"}', '{"message": "m"}'
     from generate_series(1, 3) n;
     insert into "it's".retried_ranges
     values (1, 1, 2, 5, true, set_bit(set_bit(0::bit(1024), 1, 1), 2, 1))`,
  );
  // What there was before. Later versions add columns behind these.
  const shown = () =>
    db.session.query(
      `select run_id, row_number, line, status, raw, data, errors, claimed_by_run_id,
         resolved_by_run_id, created_at
       from "it's".rows order by row_number`,
    );
  const columns = () =>
    db.session.query(
      `select attname, atttypid::regtype::text from pg_attribute
       where attrelid = '"it''s".rows'::regclass and attnum <= 10 order by attnum`,
    );
  const file = () => db.session.query(`select pg_relation_filenode('"it''s".logged_rows') as node`);
  const before = [await shown(), await columns(), await file()];
  await migrate(db.session, "it's", listed);
  // The same file on the disk: no row was rewritten.
  assert.deepEqual([await shown(), await columns(), await file()], before);
  await db.session.execute(
    `insert into "it's".logged_rows (run_id, row_number, line, status, raw, separator)
     values (1, 4, 5, 'created', '1;2', ';')`,
  );
  // The role may read neither the log itself nor the runs.
  const rows = await db.session.transaction(async () => {
    await db.session.execute(`set local role ${role}`);
    await db.session.execute(`delete from "it's".rows where row_number = 2`);
    return await db.session.query(
      `select row_number as row, data, resolved_by_run_id as by from "it's".rows order by 1`,
    );
  });
  const old = { a: "?", column_3: "x" };
  assert.deepEqual(rows, [
    { row: 1, data: old, by: 5 },
    { row: 3, data: old, by: null },
    { row: 4, data: { a: "1", b: "2" }, by: null },
  ]);
  await db.session.execute(`drop owned by ${role}; drop role ${role}`);
});

Deno.test("the list of migrations matches the folder, and all of them apply", async () => {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL("../../src/db/migrations", import.meta.url))) {
    files.push(entry.name);
  }
  const listed = await readMigrations();
  assert.deepEqual(listed.map(({ name }) => `${name}.sql`), files.sort());
  assert.deepEqual(listed.map(({ number }) => number), listed.map((_, i) => i + 1));
  await using db = await testDatabase();
  const names = listed.map(({ name }) => name);
  assert.deepEqual(await migrate(db.session, "elsewhere", listed), { applied: names });
});
