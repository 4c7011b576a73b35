/** Values are read as `\copy` reads them in the session of whoever created the run. */
import assert from "node:assert/strict";
import type { StartupSettings } from "../../src/config/database_config.ts";
import { Session } from "../../src/db/session.ts";
import { DefinitionError } from "../../src/importer/definition_errors.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { createRetry } from "../../src/run/request/retry/retry.ts";
import { compareWithTable } from "../../src/run/request/compare.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { type Workshop, workshop } from "./importing.ts";

const UTC = "TimeZone=UTC";

/** Sets what the role, the database or the server would. */
async function alterDatabase({ database, session }: Workshop, ...settings: string[]) {
  for (const setting of settings) {
    await session.execute(`alter database ${database.config.database} set ${setting}`);
  }
}

/** Loads the file in a new session, created with `startup`, and worked on with `workers`. */
async function load(
  shop: Workshop,
  definition: string,
  file: string,
  startup: StartupSettings = {},
  workers: StartupSettings = startup,
) {
  const { config } = shop.database;
  await using session = await Session.open({ ...config, startup });
  const ledger = new Ledger(session, "ingest");
  const run = await shop.create(definition, file, { ledger });
  return await shop.drive(run, 2, { ...config, startup: workers });
}

Deno.test("every DateStyle works, and decides about day and month as in \\copy", async () => {
  for (
    const [style, day] of [
      ["German", "2026-11-05"],
      ["SQL, DMY", "2026-11-05"],
      ["Postgres, MDY", "2026-05-11"],
      ["ISO, YMD", null],
    ] as const
  ) {
    await using shop = await workshop(
      "create table t (id int primary key, days daterange, plain date)",
    );
    await alterDatabase(shop, `datestyle = '${style}'`);
    const run = await load(
      shop,
      "table: t\nkey: [id]\non_duplicate: update",
      'id,days,plain\n1,"[05/11/2026,12/12/2026]",2026-11-05\n',
    );
    assert.equal(run.status, day === null ? "completed_with_errors" : "completed", style);
    assert.ok(run.completed_at! >= run.started_at!, style);
    assert.deepEqual(
      await shop.session.query("select lower(days)::text as day, plain::text as plain from t"),
      day === null ? [] : [{ day, plain: "2026-11-05" }],
      style,
    );
  }
});

Deno.test("intervals and money are read as the session's settings say", async () => {
  await using shop = await workshop("create table t (pause interval)");
  await alterDatabase(shop, "intervalstyle = 'sql_standard'");
  await load(shop, "table: t", "pause\n-1 02:03:04\n");
  assert.deepEqual(
    await shop.session.query("select pause = '-1 days -02:03:04'::interval as same from t"),
    [{ same: true }],
  );
});

Deno.test("local times are those of PGTZ, PGOPTIONS, the database, or the definition's zone", async () => {
  const file = "at\n2026-07-15 12:00\n";
  const cases: readonly [string, StartupSettings, string, string][] = [
    ["table: t", { options: `-c ${UTC}` }, "UTC", "2026-07-15T12:00:00.000Z"],
    ["table: t", {}, "America/New_York", "2026-07-15T16:00:00.000Z"],
    ["table: t", { TimeZone: "Europe/Berlin" }, "Europe/Berlin", "2026-07-15T10:00:00.000Z"],
    // As with libpq: PGTZ is sent as a setting of its own, which is read after the options.
    [
      "table: t",
      { options: `-c ${UTC}`, TimeZone: "Europe/Berlin" },
      "Europe/Berlin",
      "2026-07-15T10:00:00.000Z",
    ],
    [
      "table: t\ntime_zone: asia/kolkata",
      { TimeZone: "Europe/Berlin" },
      "Asia/Kolkata",
      "2026-07-15T06:30:00.000Z",
    ],
  ];
  for (const [definition, startup, zone, at] of cases) {
    await using shop = await workshop("create table t (at timestamptz)");
    await alterDatabase(shop, "timezone = 'America/New_York'");
    // Whoever works on the run has settings of its own, which don't matter.
    const run = await load(shop, definition, file, startup, { TimeZone: "Australia/Sydney" });
    assert.equal(run.settings?.TimeZone, zone);
    const [row] = await shop.session.query<{ at: Date }>("select at from t");
    assert.equal(row.at.toISOString(), at, zone);
  }
});

Deno.test("a zone that Postgres doesn't know is refused before anything is loaded", async () => {
  await using shop = await workshop("create table t (at timestamptz)");
  // JavaScript knows it. Postgres has it only where the system's list does.
  const { session } = shop;
  const parsed = parseDefinition("table: t\ntime_zone: UTC\n", "importers/t.yaml");
  assert.ok("definition" in parsed);
  const definition = { ...parsed.definition, time_zone: "Moon/Base" };
  const { file, positions } = { file: "importers/t.yaml", positions: new Map([["time_zone", 2]]) };
  const compared = await compareWithTable(session, { ...parsed, definition, file, positions }, "i");
  assert.deepEqual(compared.problems.map(({ message }) => message), [
    'importers/t.yaml:2: time_zone: found "Moon/Base", expected a time zone that this Postgres ' +
    "knows (pg_timezone_names)",
  ]);
  assert.equal(session.transactionState, "none");
  assert.ok(new DefinitionError(compared.problems as never).message.includes("Moon/Base"));
});

Deno.test("the table, and what its triggers use, are found on the search path of the creator", async () => {
  await using shop = await workshop(`
    create schema crm; create schema other;
    create table public.t (note text); create table other.t (note text);
    create table crm.t (note text); create table crm.words (word text);
    insert into crm.words values ('from crm');
    create function crm.fill() returns trigger language plpgsql as
      'begin new.note := (select word from words); return new; end';
    create trigger fill before insert on crm.t for each row execute function crm.fill()`);
  const path = (schemas: string) => ({ options: `-c search_path=${schemas}` });
  const run = await load(shop, "table: t", "note\na\n", path("crm,public"), path("other,public"));
  assert.equal(run.status, "completed");
  assert.deepEqual(
    await shop.session.query(
      `select (select count(*) from public.t) as public, (select count(*) from other.t) as other,
         (select note from crm.t) as crm`,
    ),
    [{ public: 0, other: 0, crm: "from crm" }],
  );
});

Deno.test("a retry reads the rows as the run did, unless its definition names a zone", async () => {
  await using shop = await workshop("create table t (at timestamptz, n int check (n > 0))");
  const berlin = { TimeZone: "Europe/Berlin" };
  const first = await load(shop, "table: t", "at,n\n2026-07-15 12:00,-1\n", berlin);
  assert.equal(first.status, "completed_with_errors");
  await shop.session.execute("alter table t drop constraint t_n_check");
  const retry = async (time_zone: string | null) => {
    const made = await createRetry(shop.ledger, {
      run: first,
      chooseDefinition: () => Promise.resolve({ definition: { ...first.definition, time_zone } }),
      user: null,
      dryRun: true,
      file: null,
      spoolFolder: "unused",
    });
    assert.ok(made.made);
    await shop.drive(made.run);
    return made.run.settings?.TimeZone;
  };
  assert.equal(await retry(null), "Europe/Berlin");
  assert.equal(await retry("Asia/Kolkata"), "Asia/Kolkata");
});

Deno.test("a run of an older version, which has no settings, is loaded with the worker's", async () => {
  await using shop = await workshop("create table t (at timestamptz)");
  const run = await shop.create("table: t", "at\n2026-07-15 12:00\n");
  await shop.session.execute("update ingest.runs set settings = null");
  const startup = { TimeZone: "Europe/Berlin" };
  await shop.drive(run, 1, { ...shop.database.config, startup });
  const [row] = await shop.session.query<{ at: Date }>("select at from t");
  assert.equal(row.at.toISOString(), "2026-07-15T10:00:00.000Z");
});
