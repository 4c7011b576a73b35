import assert from "node:assert/strict";
import type { CpuProfile, ProfileNode } from "../../../scripts/bench/profile/cpu_profile.ts";
import { type Stage, sumStages } from "../../../scripts/bench/profile/stages.ts";

const POSTGRES = "file:///cache/npm/registry.npmjs.org/postgres/3.4.9/src/connection.js";
const NET = "ext:deno_node/net.ts";

/** A profile of call stacks, outermost call first. Each was seen that many times, for 1 ms each. */
function profile(startTime: number, ...seen: readonly (readonly [string[], number])[]): CpuProfile {
  const nodes: (ProfileNode & { children: number[] })[] = [];
  const add = (frame: string) => {
    const [functionName, url = ""] = frame.split("@");
    nodes.push({ id: nodes.length + 1, callFrame: { functionName, url }, children: [] });
    return nodes[nodes.length - 1];
  };
  const root = add("(root)");
  const samples = seen.flatMap(([frames, times]) => {
    let node = root;
    for (const frame of frames) {
      const inner = add(frame);
      node.children.push(inner.id);
      node = inner;
    }
    return Array.from({ length: times }, () => node.id);
  });
  return { nodes, startTime, samples, timeDeltas: samples.map(() => 1000) };
}

function milliseconds(sums: ReadonlyMap<Stage, number>): Record<string, number> {
  return Object.fromEntries(
    [...sums].map(([stage, seconds]) => [stage, Math.round(seconds * 1000)] as const)
      .filter(([, each]) => each > 0),
  );
}

const CUT = ["next@file:///home/a/src/ingest/src/source/csv.ts"];

function ofWorker(...seen: readonly (readonly [string[], number])[]): Record<string, number> {
  return milliseconds(sumStages([{ thread: "worker-1", profile: profile(0, [CUT, 1], ...seen) }]));
}

Deno.test("a function's time belongs to its file's folder, wherever the repository is", () => {
  assert.deepEqual(
    ofWorker(
      [["judge@file:///home/a/src/ingest/src/row/judge.ts"], 3],
      [["add@file:///w/src/keys/bloom.ts"], 2],
      [["parse@file:///w/src/importer/parse.ts"], 4],
      [["main@file:///w/main.ts"], 5],
      [["query@file:///w/src/db/session.ts"], 6],
    ),
    { source: 1, row: 3, keys: 2, "commands and reports": 9, "sending and receiving": 6 },
  );
});

Deno.test("WebAssembly is the kernel's, and can mark the start of a worker's first batch", () => {
  const module = "wasm-function[3]@wasm://wasm/bb2acac2";
  const worker = profile(
    0,
    [["describe@file:///w/src/kernel/columns.ts"], 2],
    [["encode@file:///w/src/run/process/encode.ts", module], 3],
    [["results@file:///w/src/kernel/encoder.ts"], 4],
  );
  assert.deepEqual(milliseconds(sumStages([{ thread: "worker-1", profile: worker }])), {
    start: 2,
    kernel: 7,
  });
});

Deno.test("the time of the runtime and of packages belongs to their callers", () => {
  const row = "encode@file:///w/src/row/copy_writer.ts";
  assert.deepEqual(
    ofWorker(
      [[row, "write@ext:deno_node/internal/buffer.mjs", "op_write"], 2],
      [[row, "parse@file:///cache/npm/registry.npmjs.org/zod/4.6.7/src/parse.js"], 3],
    ),
    { source: 1, row: 5 },
  );
});

Deno.test("postgres.js and the runtime's sockets count as sending and receiving", () => {
  assert.deepEqual(
    ofWorker(
      [[`data@${POSTGRES}`, `write@${NET}`, "writeBuffer"], 2],
      [[`onread@${NET}`, "readBuffer"], 3],
      [[`onread@${NET}`, "next@file:///w/src/run/work/work.ts"], 4],
    ),
    { source: 1, "sending and receiving": 5, run: 4 },
  );
});

Deno.test("idle time doesn't count, garbage collection does, and the rest is the runtime's", () => {
  assert.deepEqual(
    ofWorker([["(idle)"], 50], [["(garbage collector)"], 2], [["(program)"], 3], [["op_x"], 1]),
    { source: 1, "garbage collector": 2, runtime: 4 },
  );
});

Deno.test("a worker's time before its first batch is the start, including its modules' code", () => {
  const worker = profile(
    0,
    [["@file:///w/src/source/csv.ts"], 3],
    [["compile@file:///w/src/row/compile.ts"], 2],
    [["(idle)"], 5],
    [CUT, 1],
    [["judge@file:///w/src/row/judge.ts"], 4],
  );
  assert.deepEqual(milliseconds(sumStages([{ thread: "worker-1", profile: worker }])), {
    start: 5,
    source: 1,
    row: 4,
  });
});

Deno.test("the main thread's time before the first worker's first batch is the start", () => {
  const main = profile(
    1000,
    [["open@file:///w/src/source/open.ts"], 4],
    [["look@file:///w/src/run/work/monitor.ts"], 6],
  );
  const early = profile(0, [["(idle)"], 4], [CUT, 2]);
  const late = profile(3000, [["(idle)"], 4], [CUT, 2]);
  const sums = sumStages([
    { thread: "main", profile: main },
    { thread: "worker-1", profile: early },
    { thread: "worker-1", profile: late },
  ]);
  assert.deepEqual(milliseconds(sums), { start: 3, source: 5, run: 6 });
});

Deno.test("a thread's real CPU time is distributed in proportion to its samples", () => {
  const known = new Map([["worker-1", 0.03]]);
  const judge = "judge@file:///w/src/row/judge.ts";
  const one = profile(0, [CUT, 1], [[judge], 2], [["(idle)"], 7]);
  const threads = [{ thread: "worker-1", profile: one }, { thread: "worker-2", profile: one }];
  assert.deepEqual(milliseconds(sumStages(threads, known)), { source: 11, row: 22 });
});
