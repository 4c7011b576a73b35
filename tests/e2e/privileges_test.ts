/** The real program as a role that has only the privileges that docs/database.md names. */
import assert from "node:assert/strict";
import { formatDatabaseUrl } from "../../src/config/resolve_database.ts";
import { ingest } from "../cli/start_program.ts";
import { migratedDatabase } from "../support/database.ts";
import { folderWith } from "./folder.ts";
import { assertNothingLost } from "./nothing_lost.ts";

const FILE = "k,v\n1,1\n2,11\n3,3\n2,5\n";
const IMPORTERS = {
  "add.yaml": "table: public.t\nkey: k\ncolumns: {k: k, v: v}\n",
  "change.yaml": "table: public.t\nkey: k\non_duplicate: update\n",
  "open.yaml": "table: public.open\n",
  "closed.yaml": "table: closed.t\n",
};

Deno.test("a role that may only insert imports, and check says what else an importer needs", async () => {
  await using db = await migratedDatabase();
  await using dir = await folderWith({ "data.csv": FILE, ...IMPORTERS });
  const role = `loader_${crypto.randomUUID().slice(0, 8)}`;
  const { session } = db;
  await session.query(
    `create table t (k int primary key, v int check (v < 10)); create table open (k int, v int, w int);
     create schema closed; create table closed.t (k int, v int);
     create role ${role} login password 'secret';
     revoke temporary on database ${db.config.database} from public;
     grant usage on schema ingest to ${role};
     grant select, insert, update, delete on all tables in schema ingest to ${role};
     grant usage on all sequences in schema ingest to ${role};
     grant insert on t to ${role}; grant insert (k, v) on open to ${role}`,
  );
  try {
    const database = {
      url: formatDatabaseUrl({ ...db.config, user: role, password: "secret" }),
    };
    const options = { database, cwd: dir.path, env: { INGEST_IMPORTERS: dir.path } };
    const file = `${dir.path}/data.csv`;

    const added = await ingest(["run", "add", "--file", file], options);
    assert.equal(added.code, 3, added.stderr);
    const failed = await assertNothingLost(session, 1, file);
    assert.deepEqual([...failed.keys()], [2]);
    const rows = await session.query<{ row: string }>("select t::text as row from t order by k");
    assert.deepEqual(rows.map(({ row }) => row), ["(1,1)", "(2,5)", "(3,3)"]);

    const rehearsed = await ingest(["run", "add", "--file", file, "--dry-run"], options);
    assert.equal(rehearsed.code, 3, rehearsed.stderr);

    const refused = await ingest(["run", "change", "--file", file], options);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, new RegExp(`may not read .*grant select on .* to "${role}"`));
    assert.match(refused.stderr, /grant update on "public"\."t" to/);
    const runs = await session.query("select from ingest.runs where importer = 'change'");
    assert.equal(runs.length, 0);

    const closed = await ingest(["run", "closed", "--file", file], options);
    assert.equal(closed.code, 1, closed.stderr);
    assert.match(closed.stderr, /may not use the schema of closed\.t .*; grant usage on it/);

    const checked = await ingest(["check"], options);
    assert.equal(checked.code, 1);
    assert.match(checked.stdout, /ok {2}add/);
    assert.match(checked.stdout, /bad .*change\.yaml:1: table: The role .* may not read public\.t/);
    assert.match(
      checked.stdout,
      /ok {2}open.*\n *warning: .* may not insert into w of public\.open/,
    );

    await session.query(`grant select, update on t to ${role}`);
    // The stage is created by a function of ingest's, then by the role itself.
    for (
      const [value, grant] of [["7", "select"], ["8", `grant create on schema ingest to ${role}`]]
    ) {
      await session.query(grant);
      await Deno.writeTextFile(file, FILE.replace("1,1\n", `1,${value}\n`));
      for (const dry of [["--dry-run"], []]) {
        const changed = await ingest(["run", "change", "--file", file, ...dry], options);
        assert.equal(changed.code, 3, changed.stderr);
      }
      const [{ v }] = await session.query<{ v: string }>("select v::text from t where k = 1");
      assert.equal(v, value);
      const stages = await session.query("select from pg_class where relname like 'ingest stage%'");
      assert.equal(stages.length, 0);
    }
  } finally {
    await session.query(`drop owned by ${role} cascade; drop role ${role}`);
  }
});
