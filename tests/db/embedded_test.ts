import assert from "node:assert/strict";
import {
  acquireEmbedded,
  EmbeddedPostgresFailed,
  embeddedStatus,
  startEmbedded,
  stopEmbedded,
} from "../../src/db/embedded.ts";
import { findPlace } from "../../src/db/embedded/place.ts";
import { findPrograms } from "../../src/db/embedded/programs.ts";
import { DatabaseUnreachable, Session } from "../../src/db/session.ts";
import { otherProcess, waitForEnd } from "./other_process.ts";
import { LONG_NAME, type TemporaryHome, temporaryHome } from "../support/embedded_home.ts";
import { TEST_SETTINGS } from "../support/settings.ts";
import { PATIENCE } from "../support/until.ts";

// initdb takes a second, so most tests share one home and leave no server running in it.
let home: TemporaryHome;
Deno.test.beforeAll(async () => {
  home = await temporaryHome();
});
Deno.test.afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

const acquire = (home: TemporaryHome) => acquireEmbedded(home.path, TEST_SETTINGS);

async function use<T>(home: TemporaryHome, work: (session: Session) => Promise<T>): Promise<T> {
  const database = await acquire(home);
  const session = await Session.open(database.config);
  try {
    return await work(session);
  } finally {
    await session.close();
    await database.release();
  }
}

/** Resolves when the server has logged it. */
async function untilLogged(log: string, text: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await Deno.readTextFile(log)).includes(text)) {
    assert.ok(Date.now() < deadline, `the server doesn't log: ${text}`);
  }
}

async function serverPid(home: TemporaryHome): Promise<number> {
  const { dataFolder } = await embeddedStatus(home.path);
  return Number((await Deno.readTextFile(`${dataFolder}/postmaster.pid`)).split("\n")[0]);
}

Deno.test("the server runs while any process uses it, and its data survives", async () => {
  const one = await acquire(home);
  const two = await acquire(home);
  assert.deepEqual(two.config, one.config);
  const session = await Session.open(one.config);
  await session.execute("create table survivors as select 42 as answer");
  await session.close();
  await one.release();
  assert.equal((await embeddedStatus(home.path)).running, true);
  await two.release();
  assert.equal((await embeddedStatus(home.path)).running, false);
  await assert.rejects(Session.open(one.config), DatabaseUnreachable);
  assert.deepEqual(await use(home, (again) => again.query("select * from survivors")), [{
    answer: 42,
  }]);
});

Deno.test("only its owner can read the password, and nobody gets in without it", async () => {
  const { config, release } = await acquire(home);
  const { dataFolder } = await embeddedStatus(home.path);
  const { mode } = await Deno.stat(dataFolder.replace(/data$/, "password"));
  assert.equal((mode ?? 0) & 0o777, 0o600);
  await assert.rejects(Session.open({ ...config, password: null }), /needs a password/);
  await release();
});

Deno.test("a server that was started keeps running until it is stopped", async () => {
  await startEmbedded(home.path);
  await use(home, () => Promise.resolve());
  const { running, stays } = await embeddedStatus(home.path);
  assert.deepEqual({ running, stays }, { running: true, stays: true });
  assert.equal(await stopEmbedded(home.path), true);
  assert.equal(await stopEmbedded(home.path), false);
  assert.equal((await embeddedStatus(home.path)).running, false);
});

Deno.test("three processes that start at the same moment share one server", async () => {
  const others = await Promise.all([1, 2, 3].map(() => otherProcess(home)));
  assert.equal(new Set(others.map((other) => other.serverPid)).size, 1);
  await others[0].leave();
  await others[1].leave();
  assert.equal((await embeddedStatus(home.path)).running, true);
  await others[2].leave();
  assert.equal((await embeddedStatus(home.path)).running, false);
});

Deno.test("when a process is killed its server stops too, unless others use it", async () => {
  const [one, two] = [await otherProcess(home), await otherProcess(home)];
  await one.kill();
  await use(home, (session) => session.query("select 1"));
  await two.kill();
  await waitForEnd(two.serverPid);
});

Deno.test("a killed server is noticed and started again, with its data", async () => {
  const first = await acquireEmbedded(home.path);
  const session = await Session.open(first.config);
  await session.execute("create table crashed as select 1 as one");
  await session.close();
  const pid = await serverPid(home);
  Deno.kill(pid, "SIGKILL");
  await waitForEnd(pid);
  assert.deepEqual(await use(home, (again) => again.query("select one from crashed")), [{
    one: 1,
  }]);
  await first.release();
});

Deno.test({
  name: "a killed server is started again as soon as its last process has noticed that it is gone",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const first = await acquire(home);
    const pid = await serverPid(home);
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
    const late = Number(children.split(" ")[0]);
    Deno.kill(late, "SIGSTOP");
    Deno.kill(pid, "SIGKILL");
    await waitForEnd(pid);
    const again = use(home, (session) => session.query("select 1 as one"));
    again.catch(() => {});
    try {
      const { log } = await findPlace(home.path);
      await untilLogged(log, "pre-existing shared memory block");
    } finally {
      Deno.kill(late, "SIGCONT");
    }
    assert.deepEqual(await again, [{ one: 1 }]);
    await first.release();
  },
});

Deno.test("a postmaster.pid that names another program's process is no obstacle", async () => {
  await use(home, (session) => session.execute("create table kept as select 1 as one"));
  const { dataFolder } = await embeddedStatus(home.path);
  await Deno.writeTextFile(
    `${dataFolder}/postmaster.pid`,
    [Deno.pid, dataFolder, 1, 5432, dataFolder.replace(/data$/, "run"), "", "", "ready"].join("\n"),
  );
  assert.deepEqual(await use(home, (session) => session.query("select one from kept")), [{
    one: 1,
  }]);
});

Deno.test("a path too long for a Unix socket gives a server on loopback", async () => {
  await using home = await temporaryHome(LONG_NAME);
  const { config, release } = await acquire(home);
  assert.equal(config.host, "127.0.0.1");
  const session = await Session.open(config);
  assert.deepEqual(await session.query("select 1 as one"), [{ one: 1 }]);
  await session.close();
  await assert.rejects(Session.open({ ...config, password: "guess" }), /wrong password/);
  await release();
});

Deno.test("an unusable folder and data of another version are each explained in a line", async () => {
  await assert.rejects(acquireEmbedded("/proc/no/such"), (error) => {
    assert(error instanceof EmbeddedPostgresFailed);
    assert.match(error.message, /^Cannot use \/proc\/no\/such .*INGEST_HOME[^\n]*$/);
    return true;
  });
  await use(home, () => Promise.resolve());
  const { dataFolder } = await embeddedStatus(home.path);
  await Deno.writeTextFile(`${dataFolder}/PG_VERSION`, "12\n");
  await assert.rejects(acquire(home), /needs Postgres 12, but this program brings Postgres 18/);
  await Deno.writeTextFile(`${dataFolder}/PG_VERSION`, "18\n");
});

Deno.test("if others can't enter the folder, root's server keeps its files elsewhere", async () => {
  const closed = await Deno.makeTempDir({ prefix: "ingest-closed-" });
  await Deno.chmod(closed, 0o700);
  {
    await using home = await temporaryHome("", closed);
    assert.deepEqual(await use(home, (session) => session.query("select 1 as one")), [{ one: 1 }]);
    const { dataFolder } = await embeddedStatus(home.path);
    // An ordinary user's server runs as that user, so it can use the folder.
    assert.equal(dataFolder.startsWith(closed), Deno.uid() !== 0);
    assert.equal(((await Deno.stat(closed)).mode ?? 0) & 0o777, 0o700);
  }
  await Deno.remove(closed);
});

Deno.test("INGEST_POSTGRES_BIN names the programs to use; a useless one is explained in a line", async () => {
  await use(home, () => Promise.resolve());
  const place = await findPlace(home.path);
  const { bin } = await findPrograms(place, {});
  const named = (bin: string) => findPrograms(place, { INGEST_POSTGRES_BIN: bin });
  // It could be the copy in another home.
  assert.deepEqual(await named(`${bin}/../bin`), { bin: `${bin}/../bin`, major: 18 });
  for (const useless of ["/nowhere", "/usr/bin"]) {
    await assert.rejects(named(useless), (error) => {
      assert(error instanceof EmbeddedPostgresFailed);
      assert.match(
        error.message,
        new RegExp(`^Cannot start .* no Postgres in ${useless} that can be run\\. [^\n]*$`),
      );
      return true;
    });
  }
});

Deno.test("data of another version is served by an installed Postgres of that version", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ingest-bin-" });
  await Deno.chmod(folder, 0o755);
  for (const program of ["initdb", "pg_ctl", "postgres"]) {
    const script = "#!/bin/sh\necho 'postgres (PostgreSQL) 17.6 (Debian 17.6-1)'\n";
    await Deno.writeTextFile(`${folder}/${program}`, script, { mode: 0o755 });
  }
  await use(home, () => Promise.resolve());
  const place = await findPlace(home.path);
  await Deno.writeTextFile(`${place.data}/PG_VERSION`, "17\n");
  assert.deepEqual(await findPrograms(place, { PATH: `/nowhere:${folder}` }), {
    bin: await Deno.realPath(folder),
    major: 17,
  });
  await Deno.writeTextFile(`${place.data}/PG_VERSION`, "18\n");
  await Deno.remove(folder, { recursive: true });
});
