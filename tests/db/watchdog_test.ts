import assert from "node:assert/strict";
import { beginWatch, look, type Sight, type Watch, Watchdog } from "../../src/db/watchdog.ts";

const times = { silence: 30_000, answer: 10_000, pause: 10_000 };

/** Looks every 2.5 seconds at the next of `sights`, and collects what each look decides. */
function follow(sights: readonly Partial<Sight>[], from: Watch = beginWatch(0, 0)) {
  const next: string[] = [];
  let watch = from;
  for (const sight of sights) {
    const now = sight.now ?? watch.lookedAt + 2_500;
    const seen = look(watch, { bytes: watch.bytes, question: "none", ...sight, now }, times);
    watch = seen.watch;
    next.push(seen.next);
  }
  return { watch, next };
}

const quiet = (looks: number) => Array.from({ length: looks }, () => ({}));
const waits = (looks: number) => Array.from({ length: looks }, () => "wait");
const silentFor30 = follow(quiet(12)).watch;

Deno.test("after 30 seconds of silence the server is probed, once", () => {
  assert.deepEqual(follow(quiet(12)).next, [...waits(11), "ask"]);
  const open = { question: "open" } as const;
  assert.deepEqual(follow([open, open, open], silentFor30).next, waits(3));
});

Deno.test("a byte that moves restarts the silence, even during a probe", () => {
  assert.deepEqual(follow([...quiet(11), { bytes: 1 }, ...quiet(12)]).next, [
    ...waits(23),
    "ask",
  ]);
  const moved = [{ bytes: 9, question: "unanswered" } as const, ...quiet(12)];
  assert.deepEqual(follow(moved, silentFor30).next, [...waits(12), "ask"]);
});

Deno.test("a server that answers is waited for indefinitely, and probed again after each silence", () => {
  let watch = silentFor30;
  for (let hour = 0; hour < 120; hour++) {
    const after = follow([{ question: "answered" }, ...quiet(12)], watch);
    assert.deepEqual(after.next, [...waits(12), "ask"]);
    watch = after.watch;
  }
});

Deno.test("a server that doesn't answer is probed again after ten seconds, then cut off", () => {
  const second = follow([{ question: "unanswered" }, ...quiet(4)], silentFor30);
  assert.deepEqual(second.next, [...waits(4), "ask"]);
  assert.deepEqual(follow([{ question: "unanswered" }], second.watch).next, ["cut"]);
  assert.equal(second.watch.aliveAt, 0);
});

Deno.test("two unanswered probes with an answer in between cut nothing", () => {
  const first = follow([{ question: "unanswered" }, ...quiet(4)], silentFor30);
  const answered = follow([{ question: "answered" }, ...quiet(12)], first.watch);
  assert.deepEqual(follow([{ question: "unanswered" }], answered.watch).next, ["wait"]);
});

Deno.test("silence while this process stood still is not held against the server", () => {
  const hour = 3_600_000;
  assert.deepEqual(follow([{ now: hour }, ...quiet(12)]).next, [...waits(12), "ask"]);
  const second = follow([{ question: "unanswered" }, ...quiet(4)], silentFor30);
  assert.deepEqual(follow([{ now: hour, question: "unanswered" }], second.watch).next, ["wait"]);
});

Deno.test("when the statement is done, the probe of its server is aborted", async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<AbortSignal>();
  const watchdog = new Watchdog({
    bytes: () => 0,
    ask: (_timeout, signal) => {
      ask(signal);
      return new Promise(() => {});
    },
    cut: () => assert.fail("cut while the probe was still open"),
  }, { silence: 1, answer: 400, pause: 400 });
  watchdog.start();
  // The watchdog doesn't keep a process alive. Here the interval does, in place of a socket.
  const alive = setInterval(() => {}, 1_000);
  const signal = await asked;
  clearInterval(alive);
  assert.equal(signal.aborted, false);
  watchdog.stop();
  assert.equal(signal.aborted, true);
  watchdog.end();
});
