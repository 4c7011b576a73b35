/**
 * How long a server takes to report the state of a run, while another process works on that run.
 */
import { Ledger } from "../../../src/ledger/ledger.ts";
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import type { Bench } from "../bench.ts";
import { Serving } from "../programs/serving.ts";
import { median, quantile } from "../statistics.ts";
import { EMPTY } from "../states.ts";
import { figure, type Figures, milliseconds } from "./figure.ts";

const MILLISECONDS = 50;
/** Milliseconds between requests. */
const PAUSE = 250;
/** A p95 takes this many requests. A single run may end after fewer. */
const LOOKS = 40;

export const STATUS: Figures = {
  name: "status",
  async measure(bench, effort) {
    const seconds: number[] = [];
    do seconds.push(...await lookAtRun(bench)); while (!effort.quick && seconds.length < LOOKS);
    const all = milliseconds(seconds);
    const details = { median: median(all), looks: all.length, all };
    const name = "status, the route, during a run";
    return [figure(name, quantile(all, 0.95), "ms (p95)", MILLISECONDS, effort, details)];
  },
};

async function lookAtRun(bench: Bench): Promise<number[]> {
  const database = await bench.states.restore(EMPTY, bench);
  const ledger = new Ledger(database.session, "ingest");
  await using server = await Serving.start(bench, database);
  // A server's first answer doesn't count, because it loads code for it.
  await server.get("/?limit=1");
  const file = await bench.files.get("valid", bench.rows);
  const args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
  let over = false;
  const run = bench.ingest.load(database, args, { created: bench.rows });
  const end = () => over = true;
  // If the run fails, the error is thrown where it is awaited.
  run.then(end, end);
  const seconds: number[] = [];
  try {
    while (!over) {
      const id = await latestRunId(ledger);
      if (id !== null) seconds.push((await server.get(`/${id}?rows=0`)).seconds);
      await pause(id === null ? PAUSE / 10 : PAUSE);
    }
  } finally {
    await run;
  }
  return seconds;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
