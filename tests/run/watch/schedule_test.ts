/** Sources that are loaded when they are due, with clocks that only the test moves. */
import assert from "node:assert/strict";
import { SessionPool } from "../../../src/db/session_pool.ts";
import type { ScheduleRule } from "../../../src/importer/source_rule.ts";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { nextDue } from "../../../src/run/watch/next_due.ts";
import { ScheduleWatch, type ScheduleWatcher } from "../../../src/run/watch/schedule.ts";
import { driveRun } from "../../../src/run/work/drive.ts";
import { rawServer, whole } from "../../source/remote/raw_server.ts";
import { migratedDatabase } from "../../support/database.ts";

const EVERY: ScheduleRule = { every: 60_000, cron: null, time_zone: "UTC", if_running: "skip" };

const cron = (line: string, zone: string): ScheduleRule => ({
  ...EVERY,
  every: null,
  cron: line,
  time_zone: zone,
});

async function times(rule: ScheduleRule, from: string, count: number): Promise<string[]> {
  const found: string[] = [];
  let last = new Date(from);
  for (let i = 0; i < count; i++) {
    last = await nextDue(rule, last, null);
    found.push(last.toISOString().slice(0, 16));
  }
  return found;
}

Deno.test("a time that the clocks leave out is due when they go on, once", async () => {
  assert.deepEqual(await times(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00Z", 2), [
    "2026-03-29T01:00",
    "2026-03-30T00:30",
  ]);
});

Deno.test("a time that comes twice is due at the first; each hour is due each hour", async () => {
  assert.deepEqual(await times(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00Z", 2), [
    "2026-10-25T00:30",
    "2026-10-26T01:30",
  ]);
  assert.deepEqual(await times(cron("30 * * * *", "Europe/Berlin"), "2026-10-24T23:45Z", 3), [
    "2026-10-25T00:30",
    "2026-10-25T01:30",
    "2026-10-25T02:30",
  ]);
});

Deno.test("intervals keep their beat, however many were missed", async () => {
  const last = new Date("2026-01-01T00:00:00Z");
  const due = (now: string) =>
    nextDue(EVERY, new Date(now), last).then((time) => time.toISOString());
  assert.equal(await due("2026-01-01T00:00:10Z"), "2026-01-01T00:01:00.000Z");
  assert.equal(await due("2026-01-01T00:01:00Z"), "2026-01-01T00:02:00.000Z");
  assert.equal(await due("2026-01-01T10:30:30Z"), "2026-01-01T10:31:00.000Z");
});

async function world(source = "type: file, path: a.csv") {
  const database = await migratedDatabase();
  const { session, config } = database;
  await session.query("create table target (id int not null)");
  const folder = await Deno.makeTempDir({ prefix: "ingest-schedule-" });
  await Deno.writeTextFile(`${folder}/a.csv`, "id\n1\n");
  const yaml = `table: target\nsource: {${source}, every: 60s}\n`;
  const parsed = parseDefinition(yaml, "target.yaml");
  if ("problems" in parsed) throw new Error(parsed.problems[0].message);
  const pools: SessionPool[] = [];
  let time = new Date("2026-01-01T00:00:00Z").getTime();
  return {
    ...{ session, database, folder },
    pass: (milliseconds: number) => time += milliseconds,
    machine(host: string, rule = EVERY, onStep?: ScheduleWatcher["onStep"]) {
      const pool = new SessionPool(config, { max: 2, applicationName: host });
      pools.push(pool);
      const said: string[] = [];
      const watch = new ScheduleWatch({
        ...{ host, base: folder, holder: crypto.randomUUID(), onStep },
        remote: {
          ...{ allowedHosts: ["127.0.0.1"], maxBytes: 1_000_000, variable: () => undefined },
          signal: new AbortController().signal,
        },
        withLedger: (work) => pool.use((session) => work(new Ledger(session, "ingest"))),
        signal: new AbortController().signal,
        storageFolder: () => Promise.resolve(`${folder}/spool`),
        bucketFolder: () => {
          said.push("asked for the bucket");
          return Promise.resolve(null);
        },
        log: ({ message }) => said.push(message),
        now: () => time,
        time: () => new Date(time),
      });
      return { said, look: () => watch.look(rule, { ...parsed, file: "target.yaml" }) };
    },
    async runs() {
      const rows = await session.query<{ id: number }>("select id from ingest.runs order by id");
      return rows.map(({ id }) => id);
    },
    drive: (id: number) => driveRun({ config, schemaName: "ingest", runId: id, workers: 1 }),
    [Symbol.asyncDispose]: async () => {
      for (const pool of pools) await pool.close();
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a source is loaded when it is due, and what was missed is made up for once", async () => {
  await using here = await world();
  const { look } = here.machine("one");
  await look();
  here.pass(59_000);
  await look();
  assert.deepEqual(await here.runs(), []);
  here.pass(1_000);
  await look();
  await look();
  assert.deepEqual(await here.runs(), [1]);
  await here.drive(1);
  here.pass(600_000);
  await look();
  await look();
  assert.deepEqual(await here.runs(), [1, 2]);
});

Deno.test("machines that look at the same moment begin one run", async () => {
  await using here = await world();
  const machines = ["one", "two", "three"].map((host) => here.machine(host));
  await machines[0].look();
  here.pass(60_000);
  await Promise.all(machines.map(({ look }) => look()));
  await Promise.all(machines.map(({ look }) => look()));
  assert.deepEqual(await here.runs(), [1]);
});

Deno.test("a run that is open lets the next time be left out, or makes it wait", async () => {
  await using here = await world();
  const one = here.machine("one");
  const two = here.machine("two", { ...EVERY, if_running: "wait" });
  await one.look();
  here.pass(60_000);
  await one.look();
  here.pass(60_000);
  await one.look();
  assert.deepEqual(await here.runs(), [1]);
  assert.match(one.said.at(-1) ?? "", /left out, because run 1 was not done/u);
  here.pass(60_000);
  await two.look();
  assert.deepEqual(await here.runs(), [1]);
  await here.drive(1);
  await two.look();
  assert.deepEqual(await here.runs(), [1, 2]);
});

Deno.test("a source that can't be read is told, and tried again when it is due again", async () => {
  await using here = await world();
  const { look, said } = here.machine("one");
  await look();
  await Deno.rename(`${here.folder}/a.csv`, `${here.folder}/b.csv`);
  here.pass(60_000);
  await look();
  await look();
  assert.equal(said.length, 1);
  assert.match(said[0], /a\.csv/u);
  await Deno.rename(`${here.folder}/b.csv`, `${here.folder}/a.csv`);
  here.pass(60_000);
  await look();
  assert.deepEqual(await here.runs(), [1]);
});

Deno.test("a file from the web is fetched when it is due, and loaded if it has changed", async () => {
  let version = 1;
  await using server = await rawServer((request) =>
    request.includes(`"v${version}"`)
      ? "HTTP/1.1 304 Not Modified\r\n\r\n"
      : whole(`id\n${version}\n`, `ETag: "v${version}"\r\n`)
  );
  await using here = await world(`type: url, url: "http://127.0.0.1:${server.port}/a.csv"`);
  const { look, said } = here.machine("one");
  await look();
  here.pass(60_000);
  await look();
  assert.deepEqual(await here.runs(), [1]);
  await here.drive(1);
  here.pass(60_000);
  await look();
  assert.match(said.at(-1) ?? "", /has not changed since run 1/u);
  version = 2;
  here.pass(60_000);
  await look();
  assert.deepEqual(await here.runs(), [1, 2]);
  await here.drive(2);
  assert.deepEqual(await here.session.query("select id from target order by id"), [
    { id: 1 },
    { id: 2 },
  ]);
});

Deno.test("what is loaded when it is due is kept where all machines find it", async () => {
  await using here = await world();
  const { look, said } = here.machine("one");
  await look();
  here.pass(60_000);
  await look();
  assert.deepEqual(await here.runs(), [1]);
  assert.ok(said.includes("asked for the bucket"));
});

for (const step of ["create", "commit"]) {
  Deno.test(`a machine that freezes before "${step}" makes no run be missed or doubled`, async () => {
    await using here = await world();
    const [frozen, thaw] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = here.machine("one", EVERY, async (now) => {
      if (now !== step) return;
      frozen.resolve();
      await thaw.promise;
    });
    const two = here.machine("two");
    await one.look();
    here.pass(60_000);
    const stuck = one.look().catch((error) => error);
    await frozen.promise;
    if (step === "commit") {
      await here.database.admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one'",
      );
    }
    await here.session.query("update ingest.schedules set seen_at = seen_at - interval '1 hour'");
    await two.look();
    assert.equal((await here.runs()).length, 1);
    thaw.resolve();
    await stuck;
    assert.equal((await here.runs()).length, 1);
  });
}
