import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { addRows } from "../../../src/load/lookup/add_rows.ts";
import { testDatabase } from "../../support/database.ts";
import { column } from "../../row/rows.ts";

const TAGS = {
  oid: 0,
  schema: "public",
  name: "tags",
  match: [{
    column: column("name", "text", { equal: "operator(pg_catalog.=)" }),
    type: "pg_catalog.text",
    isArray: false,
    collate: "",
  }],
  returns: column("name", "text"),
  where: null,
};

Deno.test("a value that a policy or a trigger refuses, or hides, is not added; the others are", async () => {
  await using database = await testDatabase();
  const { session } = database;
  const role = `adder_${database.config.database}`;
  await session.execute(
    `create table tags (name text unique); insert into tags values ('hidden'), ('there');
     alter table tags enable row level security;
     create policy seen on tags for select using (name <> 'hidden');
     create policy added on tags for insert with check (name <> 'refused');
     create function no_ears() returns trigger language plpgsql as $$ begin
       if new.name = 'raised' then raise 'No ears' using errcode = 'ZZ001'; end if;
       return new; end $$;
     create trigger no_ears before insert on tags for each row execute function no_ears();
     create role ${role}; grant all on tags to ${role}`,
  );
  try {
    await session.execute(`set role ${role}`);
    const names = ["new", "hidden", "refused", "raised", "there"];
    const { found, added } = await session.transaction(() =>
      addRows(session, TAGS, names.map((name) => [name]))
    );
    assert.equal(added, 1);
    assert.deepEqual(
      found.map((each) => "refusal" in each ? each.refusal : "found"),
      [
        "found",
        null,
        'new row violates row-level security policy for table "tags"',
        "No ears",
        "found",
      ],
    );
    await session.execute("reset role");
    assert.deepEqual(
      await session.query("select name from tags order by name"),
      [{ name: "hidden" }, { name: "new" }, { name: "there" }],
    );
  } finally {
    await session.execute(`reset role; drop owned by ${role}; drop role ${role}`);
  }
});

Deno.test("a value that the database can't store is not added in other characters", async () => {
  await using database = await testDatabase();
  const { admin, config } = database;
  const name = `${config.database}_latin1`;
  await admin.execute(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  try {
    await using session = await Session.open({ ...config, database: name });
    await session.execute("create table tags (name text unique)");
    const { found, added } = await session.transaction(() =>
      addRows(session, TAGS, [["é"], ["2 €"], ["x"]])
    );
    assert.equal(added, 2);
    assert.deepEqual(found[1], { refusal: "the database can't store a character of it" });
    assert.deepEqual(
      await session.query("select name from tags order by name"),
      [{ name: "x" }, { name: "é" }],
    );
  } finally {
    await admin.execute(`drop database ${name} with (force)`);
  }
});
