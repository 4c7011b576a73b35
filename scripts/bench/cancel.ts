/**
 * How long it takes from the request to cancel a run until it is `cancelled`, while the real
 * program loads a million rows at full speed.
 *
 *     scripts/deno task bench:cancel
 *     scripts/deno task bench:cancel --rows 300000 --instants 50 --database-url postgres://…
 */
import { parseArgs } from "node:util";
import { Ledger } from "../../src/ledger/ledger.ts";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import { latestRunId } from "../../src/ledger/runs/runs.ts";
import { cancelNow, cancelRun, waitUntilCancelled } from "../../src/run/request/cancel.ts";
import type { Bench } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { EMPTY } from "./states.ts";
import { withBench } from "./with_bench.ts";

interface Cancel {
  /** From the request until the caller has seen the end of the run, in milliseconds. */
  readonly seen: number;
  /** From the request to the end of the run by Postgres's clock, in milliseconds. */
  readonly recorded: number;
  readonly processed: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "1000000" },
      instants: { type: "string", default: "20" },
      "database-url": { type: "string" },
    },
  });
  const stop = new AbortController();
  const choice = {
    quick: false,
    rows: Number(values.rows),
    databaseUrl: values["database-url"] ?? null,
    workers: null,
    binary: null,
    signal: stop.signal,
    log: (line: string) => console.log(line),
  };
  await withBench(choice, async (bench) => {
    console.log(describeMachine(bench.machine));
    for (const now of [false, true]) {
      const cancels: Cancel[] = [];
      while (cancels.length < Number(values.instants)) {
        cancels.push(...await cancelAllAlong(bench, now, Number(values.instants)));
      }
      report(now ? "cancel --now" : "cancel", cancels);
    }
  });
}

/** Cancels and resumes one run until it is done, or has been cancelled `most` times. */
async function cancelAllAlong(bench: Bench, now: boolean, most: number): Promise<Cancel[]> {
  const file = await bench.files.get("valid", bench.rows);
  const { session, url } = await bench.states.restore(EMPTY, bench);
  const ledger = new Ledger(session, "ingest");
  const cancels: Cancel[] = [];
  let args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
  while (cancels.length < most) {
    const program = bench.ingest.start([...args, "--database-url", url, "--quiet"]);
    try {
      const cancel = await cancelWhileItLoads(ledger, program.status, now);
      if (cancel === null) return cancels;
      cancels.push(cancel);
      args = ["resume", String(await latestRunId(ledger))];
    } finally {
      await program.status;
    }
  }
  return cancels;
}

/** Null if the run ends before it is cancelled. */
async function cancelWhileItLoads(
  ledger: Ledger,
  ended: Promise<Deno.CommandStatus>,
  now: boolean,
): Promise<Cancel | null> {
  let over = false;
  ended.then(() => over = true);
  const before = await processed(ledger);
  while (!over && await processed(ledger) === before) await pause(20);
  await pause(400 * Math.random());
  const id = await latestRunId(ledger);
  if (over || id === null) return null;
  const began = performance.now();
  try {
    if (now) await cancelNow(ledger, id, "bench");
    else await waitUntilCancelled(ledger, await cancelRun(ledger, id, "bench"));
  } catch (error) {
    if (error instanceof Error && error.name === "Refused") return null;
    throw error;
  }
  const seen = performance.now() - began;
  const [{ recorded }] = await ledger.query<{ recorded: number }>(
    `select extract(epoch from completed_at - cancel_requested_at)::float8 * 1000 as recorded
     from ${ledger.schema}.runs where id = $1`,
    [id],
  );
  return { seen, recorded, processed: await processed(ledger) };
}

async function processed(ledger: Ledger): Promise<number> {
  const [{ ready }] = await ledger.query<{ ready: boolean }>(
    `select to_regclass('${ledger.schemaName}.run_health') is not null as ready`,
  );
  if (!ready) return 0;
  const id = await latestRunId(ledger);
  return id === null ? 0 : (await readProgress(ledger, id)).processed;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function report(what: string, cancels: readonly Cancel[]): void {
  const line = (name: string, all: readonly number[]) => {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1].toFixed(0);
    return `${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
  };
  console.log(
    `${what}, ${cancels.length} times, at ${
      cancels.map((cancel) => cancel.processed.toLocaleString("en-US")).join(" ")
    } rows`,
  );
  console.log(`  ${line("seen by the caller", cancels.map(({ seen }) => seen))}`);
  console.log(`  ${line("by Postgres's clock", cancels.map(({ recorded }) => recorded))}`);
}

await main();
