/** Silent servers: a session waits for those that are busy, but not for those that are gone. */
import assert from "node:assert/strict";
import { acquireEmbedded, embeddedStatus } from "../../src/db/embedded.ts";
import { DatabaseUnreachable, Session, SessionLost } from "../../src/db/session.ts";
import { createConnection } from "../../src/db/connection.ts";
import { LifeSigns, SERVER_START } from "../../src/db/sign_of_life.ts";
import { answers, connectSocket, peerOf } from "../../src/db/socket.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { LONG_NAME, temporaryHome } from "../support/embedded_home.ts";
import { TEST_SETTINGS } from "../support/settings.ts";
import { PATIENCE, until } from "../support/until.ts";
import { silentProxy } from "./silent_proxy.ts";
import { acquireTlsServer } from "./tls/server.ts";

/**
 * How long a session waits. As long as its server is well, it is never asked, however slow it is:
 * then `doubt` begins.
 */
class Patience {
  readonly watchTimes = { silence: PATIENCE, answer: PATIENCE, pause: 50 };

  /** From now on, a server that is silent is asked, and has as long as it needs to answer. */
  doubt(): void {
    this.watchTimes.silence = 50;
  }

  /** It is gone, so it doesn't matter how long it would need. */
  end(): void {
    Object.assign(this.watchTimes, { silence: 50, answer: 1_000 });
  }
}

const FORGOTTEN_WORDS =
  /^nothing has come through for \d+ s, although the server is there: has a firewall dropped it\?$/;

Deno.test("a statement whose network is cut rejects instead of waiting forever", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const patience = new Patience();
  await using session = await Session.open(proxy.config, patience);
  await session.execute("begin");
  const pending = session.query("select pg_sleep(600)");
  const queued = session.query("select 1");
  const lost = Promise.all([isCut(session, pending), isCut(session, queued)]);
  await untilActive(db, session.backendPid);
  proxy.fallSilent();
  patience.end();
  await lost;
  assert.equal(session.lost, true);
  await endBackend(db, session.backendPid);
});

Deno.test("a COPY whose network is cut rejects instead of waiting forever", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table t (a int)");
  await using proxy = await silentProxy(db.config);
  const patience = new Patience();
  await using session = await Session.open(proxy.config, patience);
  const chunk = new TextEncoder().encode("1\n".repeat(32 * 1024));
  function* chunks() {
    for (let sent = 0;; sent++) {
      if (sent === 50) {
        proxy.fallSilent();
        patience.end();
      }
      yield chunk;
    }
  }
  await isCut(session, session.copyIn("copy t from stdin", chunks()));
  await endBackend(db, session.backendPid);
  assert.deepEqual(await db.session.query("select 1 from t limit 1"), []);
});

Deno.test("a session that waits for its server can be destroyed at once, even during a probe", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const patience = new Patience();
  await using session = await Session.open(proxy.config, patience);
  const pending = assert.rejects(session.query("select pg_sleep(600)"), SessionLost);
  await untilActive(db, session.backendPid);
  const asked = proxy.connections(1);
  proxy.fallSilent();
  patience.doubt();
  await asked;
  // Deno itself checks at the end of each test that the probe left nothing behind.
  session.destroy();
  await pending;
  await endBackend(db, session.backendPid);
});

Deno.test("a slow statement is waited for as long as the server answers probes", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const patience = new Patience();
  await using session = await Session.open(proxy.config, patience);
  await db.session.query("select pg_advisory_lock(1)");
  const pending = session.query("select 7 as result from pg_advisory_lock(1)");
  await until(db.admin, LOCK_IS_WAITED_FOR);
  patience.doubt();
  await proxy.connections(10);
  await db.session.query("select pg_advisory_unlock(1)");
  assert.deepEqual(await pending, [{ result: 7 }]);
});

Deno.test("a session that waits for a lock tells who holds it", async () => {
  await using db = await testDatabase();
  await using other = await Session.open(db.config, { applicationName: "other" });
  const { promise: told, resolve: tell } = Promise.withResolvers<string>();
  const patience = new Patience();
  const { watchTimes } = patience;
  await using session = await Session.open(db.config, { watchTimes, onHeldUp: tell });
  await other.query("select pg_advisory_lock(1)");
  const pending = session.query("select 7 as result from pg_advisory_lock(1)");
  await until(db.admin, LOCK_IS_WAITED_FOR);
  patience.doubt();
  const by = await told;
  await other.query("select pg_advisory_unlock(1)");
  assert.deepEqual(await pending, [{ result: 7 }]);
  assert.equal(by, `other (pid ${other.backendPid})`);
});

Deno.test("a connection that a firewall has forgotten is given up, whatever the server did last", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table t (a int)");
  const chunk = new TextEncoder().encode("1\n");
  const cases: readonly ((session: Session) => Promise<unknown>)[] = [
    (session) => session.query("select 1"),
    (session) => session.transaction(() => session.query("select $1::int", [1])),
    (session) => session.copyIn("copy t from stdin", [chunk]),
    // The server has ended the session, and couldn't say so.
    async (session) => {
      await endBackend(db, session.backendPid);
      await session.query("select 1");
    },
  ];
  for (const use of cases) {
    await using proxy = await silentProxy(db.config);
    const patience = new Patience();
    await using session = await Session.open(proxy.config, patience);
    proxy.hold();
    patience.doubt();
    await isCut(session, use(session), FORGOTTEN_WORDS);
    await using again = await Session.open(proxy.config);
    assert.deepEqual(await again.query("select 1 as one"), [{ one: 1 }]);
    await endBackend(db, session.backendPid);
  }
});

Deno.test("a result that doesn't get through is not waited for", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const patience = new Patience();
  await using session = await Session.open(proxy.config, patience);
  await db.session.query("select pg_advisory_lock(1)");
  const pending = session.query("select pg_advisory_lock(1)");
  await until(db.admin, LOCK_IS_WAITED_FOR);
  patience.doubt();
  await proxy.connections(2);
  proxy.hold();
  const lost = isCut(session, pending, FORGOTTEN_WORDS);
  await db.session.query("select pg_advisory_unlock(1)");
  await lost;
  await endBackend(db, session.backendPid);
});

Deno.test("a server that waits for us, and still gets something now and then, is waited for", async () => {
  await using db = await testDatabase();
  await using session = await Session.open(db.config);
  const signs = new LifeSigns(db.config, createConnection(db.config, QUIET));
  const [{ serverStart }] = await db.session.query<{ serverStart: string }>(
    `select ${SERVER_START} as "serverStart"`,
  );
  signs.backend = { pid: session.backendPid, serverStart };
  const ask = async () => {
    // It says that it is done a moment before it waits.
    await until(
      db.admin,
      `(select wait_event = 'ClientRead' from pg_stat_activity where pid = ${session.backendPid})`,
    );
    return await signs.ask(PATIENCE, new AbortController().signal);
  };
  // No statement is in progress: the server waits.
  assert.deepEqual([await ask(), await ask()], ["forgotten", "forgotten"]);
  await session.execute("select 1");
  assert.deepEqual([await ask(), await ask()], ["working", "forgotten"]);
  // Another server, where our pid is somebody else's.
  signs.backend = { pid: session.backendPid, serverStart: "1" };
  assert.equal(await ask(), "working");
});

Deno.test("a server that would refuse a second connection is waited for", async () => {
  await using db = await testDatabase();
  const user = db.config.database;
  await db.admin.execute(`create role ${user} login connection limit 1 password 'x'`);
  try {
    await using proxy = await silentProxy({ ...db.config, user, password: "x" });
    const patience = new Patience();
    await using session = await Session.open(proxy.config, patience);
    await assert.rejects(Session.open(proxy.config), /too many connections/);
    await db.session.query("select pg_advisory_lock(1)");
    const pending = session.query("select pg_advisory_lock(1)");
    patience.doubt();
    await proxy.connections(3);
    await db.admin.execute(`alter role ${user} nologin`);
    await assert.rejects(Session.open(proxy.config), DatabaseUnreachable);
    await proxy.connections(3);
    await db.session.query("select pg_advisory_unlock(1)");
    assert.equal((await pending).length, 1);
  } finally {
    await db.admin.execute(`drop role ${user}`);
  }
});

Deno.test("only silence means that the server is gone; even a refusal is an answer", async () => {
  const { signal } = new AbortController();
  const N = new TextEncoder().encode("N");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = { host: "127.0.0.1", port: listener.addr.port };

  const unanswered = answers(address, 100, signal);
  const silent = await listener.accept();
  assert.equal(await unanswered, false);
  silent.close();

  const answered = answers(address, PATIENCE, signal);
  const server = await listener.accept();
  await server.write(N);
  assert.equal(await answered, true);
  const request = new Uint8Array(16);
  assert.equal(await server.read(request), 8);
  assert.equal(await server.read(request), null, "the probe leaves no connection behind");
  server.close();

  for (const beforeHangingUp of [new Uint8Array(), new TextEncoder().encode("S")]) {
    const hungUpOn = answers(address, PATIENCE, signal);
    const server = await listener.accept();
    await server.read(request);
    await server.write(beforeHangingUp);
    server.close();
    assert.equal(await hungUpOn, true);
  }

  listener.close();
  // Nothing listens there.
  assert.equal(await answers({ host: "127.0.0.1", port: 1 }, PATIENCE, signal), true);
  assert.equal(await answers({ path: "/no/such/socket" }, PATIENCE, signal), true);
});

Deno.test("a server that speaks TLS is waited for and given up on in the same way", async () => {
  await using home = await temporaryHome(LONG_NAME);
  await (await acquireEmbedded(home.path, TEST_SETTINGS)).release();
  const { dataFolder } = await embeddedStatus(home.path);
  const server = await acquireTlsServer(home.path);
  try {
    await using proxy = await silentProxy({ ...server.config, ssl: "require" });
    const patience = new Patience();
    await using session = await Session.open(proxy.config, patience);
    {
      const patience = new Patience();
      await using patient = await Session.open(proxy.config, patience);
      await using other = await Session.open(server.config);
      await other.query("select pg_advisory_lock(1)");
      const pending = patient.query("select 7 as result from pg_advisory_lock(1)");
      await until(other, LOCK_IS_WAITED_FOR);
      patience.doubt();
      await proxy.connections(3);
      await other.query("select pg_advisory_unlock(1)");
      assert.deepEqual(await pending, [{ result: 7 }]);
    }
    // The server logs no complaint, except perhaps about the last probe, which was aborted.
    const log = await Deno.readTextFile(`${dataFolder}/../server.log`);
    assert(log.split("could not").length - 1 <= 1, log);
    proxy.fallSilent();
    patience.end();
    await isCut(session, session.query("select 1"));
  } finally {
    await server.release();
  }
});

Deno.test("the probed server is the one that the connection leads to, whatever its name", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const config = { ...proxy.config, host: "localhost" };
  const socket = await connectSocket(config, () => {});
  assert.deepEqual(peerOf(config, socket), { host: "127.0.0.1", port: config.port });
  socket.destroy();
});

Deno.test({
  name: "a statement whose server is frozen rejects, and a new session works after the thaw",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using home = await temporaryHome();
    const server = await acquireEmbedded(home.path, TEST_SETTINGS);
    try {
      const patience = new Patience();
      await using session = await Session.open(server.config, patience);
      const { dataFolder } = await embeddedStatus(home.path);
      const processes = await freeze(dataFolder);
      try {
        patience.end();
        await isCut(session, session.query("select 1"));
        await assert.rejects(
          Session.open(server.config, { connectTimeout: 300 }),
          (error) => error instanceof DatabaseUnreachable && error.temporary,
        );
      } finally {
        processes.forEach((pid) => Deno.kill(pid, "SIGCONT"));
      }
      await using again = await Session.open(server.config);
      assert.deepEqual(await again.query("select 1 as one"), [{ one: 1 }]);
    } finally {
      await server.release();
    }
  },
});

/** A connection that is never made. */
const QUIET = { applicationName: "test", connectTimeout: 1_000, onLost: () => {} };

/** Fails if the watchdog doesn't cut the session. */
async function isCut(
  session: Session,
  pending: Promise<unknown>,
  words = /^the server has not answered for \d+ s$/,
): Promise<void> {
  const timer = setTimeout(() => session.destroy(), PATIENCE);
  try {
    await assert.rejects(pending, (error) => {
      assert(error instanceof SessionLost && error.cause instanceof Error);
      assert.match(error.cause.message, words);
      return true;
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the backend works on the statement. */
async function untilActive(db: TestDatabase, backend: number): Promise<void> {
  const isActive = "state = 'active' and query ~ 'pg_sleep'";
  await until(db.admin, `(select ${isActive} from pg_stat_activity where pid = ${backend})`);
}

/** A test has the server for itself. */
const LOCK_IS_WAITED_FOR = "exists (select from pg_locks where not granted)";

/** Ends the backend, because the server hasn't noticed that the session is gone. */
async function endBackend(db: TestDatabase, backend: number): Promise<void> {
  await db.admin.query("select pg_terminate_backend($1, 5000)", [backend]);
}

/** Stops the postmaster and its children. Returns the processes to continue, in that order. */
async function freeze(dataFolder: string): Promise<readonly number[]> {
  const [line] = (await Deno.readTextFile(`${dataFolder}/postmaster.pid`)).split("\n");
  const postmaster = Number(line);
  Deno.kill(postmaster, "SIGSTOP");
  // From now on it reaps no children, so their process ids stay valid.
  while (!/^State:\s*T/m.test(await Deno.readTextFile(`/proc/${postmaster}/status`)));
  const children = await Deno.readTextFile(`/proc/${postmaster}/task/${postmaster}/children`);
  const processes = [...children.trim().split(/\s+/).map(Number), postmaster];
  processes.forEach((pid) => Deno.kill(pid, "SIGSTOP"));
  return processes;
}
