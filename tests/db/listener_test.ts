import assert from "node:assert/strict";
import { removeEmbedded, startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { Listener, type ListenerOptions } from "../../src/db/listener.ts";
import { Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";
import { silentProxy } from "./silent_proxy.ts";

/** What comes, to be waited for in order. */
class Queue<T> {
  readonly #items: T[] = [];
  #wake = () => {};

  add(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  async next(): Promise<T> {
    while (this.#items.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#items.shift()!;
  }
}

function listen(options: Omit<ListenerOptions, "onNotify" | "onListening" | "onTrouble">) {
  const heard = new Queue<string>();
  const listener = new Listener({
    ...options,
    onNotify: (payload) => heard.add(payload),
    onListening: () => heard.add("(listening)"),
    onTrouble: (error) => heard.add(`(trouble: ${error})`),
  });
  return { heard, [Symbol.asyncDispose]: () => listener.close() };
}

const endListeners = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = $1 and application_name = 'listener test'`;

Deno.test("a listener hears what is notified on its channel, and nothing else", async () => {
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

Deno.test("a listener whose backend is ended listens again, says so, and hears again", async () => {
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

Deno.test("a listener behind a cut cable finds out, and can be closed while it tries again", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  const listener = listen({
    config: proxy.config,
    channel: "news",
    applicationName: "listener test",
    checkInterval: 20,
    answerTimeout: 200,
  });
  assert.equal(await listener.heard.next(), "(listening)");
  const another = proxy.connections(1);
  proxy.fallSilent();
  await another;
  // Its server says nothing, and would be waited for for ten seconds.
  await listener[Symbol.asyncDispose]();
  await db.admin.query(endListeners, [db.config.database]);
});

Deno.test("a listener that is closed before it has begun leaves nothing behind", async () => {
  await using db = await testDatabase();
  const listener = listen({ config: db.config, channel: "news" });
  await listener[Symbol.asyncDispose]();
  const [{ n }] = await db.session.query<{ n: number }>(
    `select count(*) as n from pg_stat_activity
     where datname = $1 and backend_type = 'client backend'`,
    [db.config.database],
  );
  assert.equal(n, 1);
});

Deno.test("what keeps a listener from listening is told once, and it tries again all the same", async () => {
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
