import assert from "node:assert/strict";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

/** Everything that would change what ingest's own statements mean. */
const HOSTILE = [
  "datestyle = 'German'",
  "intervalstyle = 'iso_8601'",
  "bytea_output = 'escape'",
  "extra_float_digits = -15",
  "standard_conforming_strings = off",
  "quote_all_identifiers = on",
  "jit = on",
  "default_transaction_isolation = 'serializable'",
  "statement_timeout = '1s'",
  "idle_session_timeout = '1s'",
  "idle_in_transaction_session_timeout = '1s'",
  "client_connection_check_interval = 0",
  "search_path = 'public', 'pg_catalog'",
];

async function hostileDatabase(): Promise<
  AsyncDisposable & { config: DatabaseConfig; session: Session }
> {
  const db = await testDatabase();
  await db.session.execute(`
    create function public.never(text, text) returns boolean language sql as 'select false';
    create operator public.= (function = public.never, leftarg = text, rightarg = text)`);
  for (const setting of HOSTILE) {
    await db.session.execute(`alter database ${db.config.database} set ${setting}`);
  }
  return {
    config: db.config,
    session: db.session,
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

Deno.test("a session means the same whatever the role, the database or PGOPTIONS set", async () => {
  await using db = await hostileDatabase();
  await using session = await Session.open({
    ...db.config,
    startup: { options: "-c datestyle=SQL,DMY" },
  });
  const at = new Date("2026-11-05T06:13:42.123Z");
  const [row] = await session.query(
    `select $1::timestamptz as at, $2::bytea as bytes, 0.1::float8 as float, 'a\\b' as backslash,
       'a'::text = 'a'::text as same, '1 day'::interval as interval, 'int'::regtype::text as type,
       current_setting('jit') as jit, current_setting('statement_timeout') as patience,
       current_setting('idle_session_timeout') as idle,
       current_setting('idle_in_transaction_session_timeout') as "idleInTransaction",
       current_setting('client_connection_check_interval') as watched,
       current_setting('transaction_isolation') as isolation`.replace(
      "'x'::regtype",
      "'int'::regtype",
    ),
    [at, new Uint8Array([0, 92, 255])],
  );
  assert.deepEqual({ ...row }, {
    at,
    bytes: new Uint8Array([0, 92, 255]),
    float: 0.1,
    backslash: "a\\b",
    same: true,
    interval: "1 day",
    type: "integer",
    jit: "off",
    patience: "0",
    idle: "0",
    idleInTransaction: "0",
    watched: "10s",
    isolation: "read committed",
  });
});

Deno.test("the user's own settings are known, and hold in a transaction that asks for them", async () => {
  await using db = await hostileDatabase();
  const startup = { options: "-c datestyle=SQL,DMY", TimeZone: "Asia/Kolkata" };
  await using session = await Session.open({ ...db.config, startup });
  const { userSettings } = session;
  assert.deepEqual(userSettings, {
    TimeZone: "Asia/Kolkata",
    DateStyle: "SQL, DMY",
    IntervalStyle: "iso_8601",
    timezone_abbreviations: "Default",
    lc_monetary: userSettings.lc_monetary,
    xmloption: "content",
    search_path: `"public", "pg_catalog"`,
  });
  const seen = () =>
    session.query(
      `select '01/02/2026 12:00'::timestamptz::text as at, '1 day'::interval::text as interval,
         'a'::text = 'a'::text as same`,
    );
  const inside = [{ at: "01/02/2026 12:00:00 IST", interval: "P1D", same: false }];
  assert.deepEqual(await session.transaction(seen, userSettings), inside);
  assert.deepEqual(await session.under(userSettings, seen), inside);
  // The order of day and month is the user's everywhere.
  assert.deepEqual(await seen(), [
    { at: "2026-02-01 12:00:00+05:30", interval: "1 day", same: true },
  ]);
});

Deno.test("settings that hold already need no transaction", async () => {
  await using db = await testDatabase();
  const { session } = db;
  const state = await session.under(
    session.userSettings,
    () => Promise.resolve(session.transactionState),
  );
  assert.equal(state, "none");
});

Deno.test("a timestamp that is not in ISO style is refused, never read as another day", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("set datestyle = 'SQL, DMY'");
  await assert.rejects(
    session.query("select '2026-11-05 06:00'::timestamptz as at"),
    /Cannot read the timestamp 05\/11\/2026/,
  );
});
