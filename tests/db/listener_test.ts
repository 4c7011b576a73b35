import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { removeEmbedded, startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { Listener, type ListenerOptions } from "../../src/db/listener.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";
import { PATIENCE, untilSeen } from "../support/until.ts";
import { silentProxy } from "./silent_proxy.ts";

/** Items that arrive over time, awaited in order. */
class Queue<T> {
  readonly #items: T[] = [];
  #wake = () => {};

  add(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  has(item: T): boolean {
    return this.#items.includes(item);
  }

  async next(): Promise<T> {
    if (this.#items.length === 0) {
      const come = Promise.withResolvers<void>();
      this.#wake = come.resolve;
      const giveUp = () => come.reject(new Error("waited in vain"));
      const timer = setTimeout(giveUp, PATIENCE);
      await come.promise.finally(() => clearTimeout(timer));
    }
    return this.#items.shift()!;
  }
}

function listen(options: Omit<ListenerOptions, "onNotify" | "onListening" | "onTrouble">) {
  const heard = new Queue<string>();
  const listener = new Listener({
    answerTimeout: PATIENCE,
    ...options,
    onNotify: (payload) => heard.add(payload),
    onListening: () => heard.add("(listening)"),
    onTrouble: (error) => heard.add(`(trouble: ${error})`),
  });
  return { heard, [Symbol.asyncDispose]: () => listener.close() };
}

const endListeners = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = $1 and application_name = 'listener test'`;

Deno.test("a listener gets the notifications of its channel, and no others", async () => {
  await using db = await testDatabase();
  await using listener = listen({ config: db.config, channel: `Say "it" now` });
  assert.equal(await listener.heard.next(), "(listening)");
  await db.session.query(`select pg_notify('say it now', 'another channel')`);
  await db.session.query(`select pg_notify('Say "it" now', 'one')`);
  await db.session.query(`begin; select pg_notify('Say "it" now', 'never'); rollback`);
  await db.session.query(`select pg_notify('Say "it" now', '')`);
  assert.equal(await listener.heard.next(), "one");
  assert.equal(await listener.heard.next(), "");
});

Deno.test("a listener whose backend is terminated reconnects, says so, and gets notifications", async () => {
  await using db = await testDatabase();
  await using listener = listen({
    config: db.config,
    channel: "news",
    applicationName: "listener test",
  });
  for (const payload of ["one", "two", "three"]) {
    assert.equal(await listener.heard.next(), "(listening)");
    await db.session.query("select pg_notify('news', $1)", [payload]);
    assert.equal(await listener.heard.next(), payload);
    await db.admin.query(endListeners, [db.config.database]);
  }
});

Deno.test("a listener waits for a server that is away, and listens when it is back", async () => {
  const home = await Deno.makeTempDir({ prefix: "ingest-home-" });
  try {
    const config = await startEmbedded(home);
    await stopEmbedded(home);
    await using listener = listen({ config, channel: "news" });
    for (const payload of ["one", "two"]) {
      await startEmbedded(home);
      assert.equal(await listener.heard.next(), "(listening)");
      await using session = await Session.open(config);
      await session.query("select pg_notify('news', $1)", [payload]);
      assert.equal(await listener.heard.next(), payload);
      await stopEmbedded(home);
    }
  } finally {
    await removeEmbedded(home);
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a listener notices a network cut, even if its server answers others", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  await using listener = listen({
    config: proxy.config,
    channel: "news",
    checkInterval: 20,
    answerTimeout: 2_000,
  });
  assert.equal(await listener.heard.next(), "(listening)");
  proxy.hold();
  // What is sent before it has another connection doesn't reach it.
  await untilSeen(db.session, "a notification over another connection", async () => {
    await db.session.query("select pg_notify('news', 'one')");
    return listener.heard.has("one");
  });
});

Deno.test("a listener closes at once, even while the server doesn't answer its connection", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // The attempt itself would end later than this test waits.
  const config = { ...nobody(server), connectTimeout: 2 * PATIENCE };
  const listener = listen({ config, channel: "news" });
  const connection = await server.accept();
  let late = false;
  const timer = setTimeout(() => late = true, PATIENCE);
  await listener[Symbol.asyncDispose]();
  clearTimeout(timer);
  assert.equal(late, false);
  connection.close();
  server.close();
});

Deno.test("a connection that is abandoned before it is made is never made", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (let steps = 0; steps < 6; steps++) {
    const stop = new AbortController();
    const opening = assert.rejects(Session.open(nobody(server), { signal: stop.signal }));
    for (let step = 0; step < steps; step++) await Promise.resolve();
    stop.abort();
    await opening;
    // After whatever postgres.js may have deferred.
    await setImmediate();
    const ours = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const accepted = await server.accept();
    assert.deepEqual(accepted.remoteAddr, ours.localAddr, `${steps} steps`);
    ours.close();
    accepted.close();
  }
  server.close();
});

function nobody({ addr }: Deno.TcpListener): DatabaseConfig {
  const account = { database: "none", user: "nobody", password: null };
  return { host: "127.0.0.1", port: addr.port, ...account, ssl: false, sslRootCertificate: null };
}

Deno.test("an error that prevents listening is reported once, and the listener keeps trying", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const tries = proxy.connections(4);
  const listener = listen({ config: proxy.config, channel: "" });
  assert.match(await listener.heard.next(), /^\(trouble: .*zero-length/);
  await tries;
  await listener[Symbol.asyncDispose]();
  listener.heard.add("(the end)");
  assert.equal(await listener.heard.next(), "(the end)");
});
