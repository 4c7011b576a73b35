/** The function that creates a staging table for a role that may not create tables itself. */
import { deepStrictEqual, rejects } from "node:assert/strict";
import { migratedDatabase } from "../support/database.ts";

Deno.test("ingest's function makes stages only for those who load batches into the table", async () => {
  await using db = await migratedDatabase();
  const { session } = db;
  const role = `stager_${crypto.randomUUID().slice(0, 8)}`;
  await session.query(
    `create table t (k int, v text collate "C", n numeric(5,2)); create role ${role};
     grant usage on schema ingest to ${role}`,
  );
  const create = (name = "ingest stage 0123abcd") =>
    session.query(
      `select ingest.create_stage($1, 't'::regclass, array['p', 'v', 'n'], array[null, 'v', 'n'])`,
      [name],
    );
  try {
    await session.query(`set role ${role}`);
    await rejects(create(), { code: "42501" });
    await session.query(`reset role; grant insert on t to ${role}; set role ${role}`);
    await rejects(create(), { code: "42501" });
    await session.query(`reset role; grant select, update on ingest.batches to ${role}`);
    await session.query(`set role ${role}`);
    await rejects(create("batches"), /not the name of a stage/);
    await create();
    await session.query(`insert into ingest."ingest stage 0123abcd" values (0, 'x', 1.005)`);
    await session.query("select ingest.drop_stage('batches')");
    const columns = await session.query<{ column: string }>(
      `select concat_ws(' ', attname, format_type(atttypid, atttypmod), collname) as column
       from pg_attribute left join pg_collation c on c.oid = attcollation
       where attrelid = 'ingest."ingest stage 0123abcd"'::regclass and attnum > 0 order by attnum`,
    );
    deepStrictEqual(columns.map(({ column }) => column), [
      "p integer",
      "v text C",
      "n numeric(5,2)",
    ]);
    await session.query("select ingest.drop_stage('ingest stage 0123abcd')");
    const left = await session.query(
      `select to_regclass('ingest.batches') is not null
         and to_regclass('ingest."ingest stage 0123abcd"') is null as ok`,
    );
    deepStrictEqual({ ...left[0] }, { ok: true });
  } finally {
    await session.query(`reset role; drop owned by ${role} cascade; drop role ${role}`);
  }
});
