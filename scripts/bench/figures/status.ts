/** How long a server takes to say where a run stands, while another process does that run. */
import { Ledger } from "../../../src/ledger/ledger.ts";
import { latestRunId } from "../../../src/ledger/runs.ts";
import type { Bench } from "../bench.ts";
import { Serving } from "../programs/serving.ts";
import { median, quantile } from "../statistics.ts";
import { EMPTY } from "../states.ts";
import { figure, type Figures, milliseconds } from "./figure.ts";

const MILLISECONDS = 50;
/** Between looks. */
const PAUSE = 250;
/** So many looks make a p95; a run may be over after fewer. */
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
  // Its first answer loads what it needs for all of them.
  await server.get("/?limit=1");
  const file = await bench.files.get("valid", bench.rows);
  const args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
  let over = false;
  const run = bench.ingest.load(database, args, { created: bench.rows });
  const end = () => over = true;
  // If it fails, that is thrown where it is awaited.
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
