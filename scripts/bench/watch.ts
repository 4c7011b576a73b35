/**
 * What it costs a run that many clients watch it: the same file is loaded by `ingest serve`, once with
 * no client at `GET /{id}/events` and once with many, in turn.
 *
 *     scripts/deno task bench:watch
 *     scripts/deno task bench:watch --clients 500 --pairs 5 --rows 3000000 --binary dist/ingest
 */
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { cpuOf, cpuOfFamily, parentOf } from "./profile/cpu_time.ts";
import { Serving } from "./programs/serving.ts";
import { EMPTY } from "./states.ts";
import { withBench } from "./with_bench.ts";

const WATCHERS = new URL("programs/watchers.ts", import.meta.url);

interface Watched {
  /** From the moment when the run may begin to its end, by Postgres's clock. */
  readonly seconds: number;
  /** CPU seconds of `ingest serve`, of Postgres, and of the clients. */
  readonly serve: number;
  readonly postgres: number;
  readonly clients: number;
  readonly events: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "3000000" },
      pairs: { type: "string", default: "3" },
      clients: { type: "string", default: "500" },
      workers: { type: "string", default: "2" },
      binary: { type: "string" },
      "database-url": { type: "string" },
    },
  });
  const stop = new AbortController();
  const choice = {
    quick: false,
    rows: Number(values.rows),
    databaseUrl: values["database-url"] ?? null,
    workers: null,
    binary: values.binary ?? null,
    signal: stop.signal,
    log: (line: string) => console.log(line),
  };
  await withBench(choice, async (bench) => {
    console.log(describeMachine(bench.machine));
    const clients = Number(values.clients);
    const measured = new Map<number, Watched[]>([[0, []], [clients, []]]);
    for (let pair = 0; pair < Number(values.pairs); pair++) {
      for (const [count, all] of measured) {
        const one = await watched(bench, count, Number(values.workers));
        all.push(one);
        report(`${count} clients`, [one]);
      }
    }
    for (const [count, all] of measured) report(`${count} clients, medians`, all);
  });
}

async function watched(bench: Bench, clients: number, workers: number): Promise<Watched> {
  const file = await bench.files.get("valid", bench.rows);
  const database = await bench.states.restore(EMPTY, bench);
  const { session } = database;
  await using serving = await Serving.start(bench, database, workers);
  const [{ pid }] = await session.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = await parentOf(pid);
  if (postmaster === null) throw new Error("Postgres has to be on this machine, and that a Linux");
  // The run waits for the table until all clients are there.
  await session.query("begin; lock table customers in share mode");
  const id = await upload(serving, file.path);
  const watching = startWatching(serving, id, clients);
  await watching?.ready;
  const before = { serve: await cpuOf(serving.pid), postgres: await cpuOfFamily(postmaster) };
  const [{ began }] = await session.query<{ began: Date }>("select clock_timestamp() as began");
  await session.query("commit");
  const seconds = await ended(database.session, id, began);
  const got = await watching?.ended;
  const after = { serve: await cpuOf(serving.pid), postgres: await cpuOfFamily(postmaster) };
  return {
    seconds,
    serve: (after.serve ?? 0) - (before.serve ?? 0),
    postgres: (after.postgres ?? 0) - (before.postgres ?? 0),
    clients: got?.cpu ?? 0,
    events: got?.events ?? 0,
  };
}

async function upload(serving: Serving, path: string): Promise<number> {
  using file = await Deno.open(path);
  const answer = await fetch(`${serving.base}/upload/insert`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: file.readable,
  });
  const body = await answer.text();
  if (answer.status !== 202) throw new Error(`the upload was answered by ${body}`);
  return JSON.parse(body).data.id;
}

function startWatching(serving: Serving, id: number, clients: number) {
  if (clients === 0) return null;
  const { port, pathname } = new URL(`${serving.base}/${id}/events`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", WATCHERS.href, port, pathname, String(clients)],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const ready = Promise.withResolvers<void>();
  let cpuAtStart = 0;
  const heard = (async () => {
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (!said.includes("ready")) continue;
      cpuAtStart ||= await cpuOf(child.pid) ?? 0;
      ready.resolve();
    }
    return Number(/(\d+) events/u.exec(said)?.[1]);
  })();
  // Its last reading: when it has ended, nobody knows any more.
  let cpu = 0;
  const look = setInterval(async () => {
    cpu = await cpuOf(child.pid) ?? cpu;
  }, 100);
  const ended = (async () => {
    const events = await heard;
    clearInterval(look);
    await child.status;
    return { events, cpu: cpu - cpuAtStart };
  })();
  return { ready: ready.promise, ended };
}

/** Seconds since `began`. */
async function ended(
  session: { query<T extends object>(text: string, parameters?: readonly unknown[]): Promise<T[]> },
  id: number,
  began: Date,
): Promise<number> {
  for (;;) {
    const [run] = await session.query<{ status: string; seconds: number | null }>(
      `select status, extract(epoch from completed_at - $2::timestamptz)::float8 as seconds
       from ingest.runs where id = $1`,
      [id, began],
    );
    if (run.seconds !== null && run.status === "completed") return run.seconds;
    if (run.seconds !== null) throw new Error(`the run is ${run.status}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function report(what: string, all: readonly Watched[]): void {
  const median = (of: keyof Watched) => {
    const sorted = all.map((one) => one[of]).toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  console.log(
    `${what}: ${median("seconds").toFixed(2)} s; CPU: serve ${median("serve").toFixed(2)} s, ` +
      `Postgres ${median("postgres").toFixed(2)} s, clients ${median("clients").toFixed(2)} s; ` +
      `${median("events")} events`,
  );
}

await main();
