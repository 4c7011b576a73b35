/** How long it takes to find out what went wrong in a run in which every row failed. */
import { Ledger } from "../../../src/ledger/ledger.ts";
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import { Serving } from "../programs/serving.ts";
import { median, quantile } from "../statistics.ts";
import { ALL_FAILED } from "../states.ts";
import { type Effort, figure, type Figures, milliseconds } from "./figure.ts";

const TIMES = 20;
/** In milliseconds. */
const ANSWER = 200;
/** How long a command may take to start, in milliseconds. */
const START = 250;

export const ERRORS: Figures = {
  name: "errors",
  async measure(bench, effort) {
    const database = await bench.states.restore(ALL_FAILED, bench);
    const id = await latestRunId(new Ledger(database.session, "ingest"));
    const times = effort.quick ? 3 : TIMES;
    const processes: number[] = [];
    while (processes.length < times) {
      const args = ["errors", String(id), "--database-url", database.url, "--json"];
      const { seconds, stdout } = await bench.ingest.command(args);
      assertAll(JSON.parse(stdout).data.total_failed_rows, bench.rows);
      processes.push(seconds);
    }
    await using server = await Serving.start(bench, database);
    const answers: number[] = [];
    // A server's first answer doesn't count, because it loads code for it.
    for (let time = 0; time <= times; time++) {
      const { seconds, body } = await server.get(`/${id}/errors/summary`);
      assertAll(JSON.parse(body).data.total_failed_rows, bench.rows);
      if (time > 0) answers.push(seconds);
    }
    const rows = `${bench.rows} failed rows`;
    return [
      summed(`errors, the route, ${rows}`, answers, ANSWER, effort),
      summed(`errors, the command, ${rows}`, processes, ANSWER + START, effort),
    ];
  },
};

function summed(name: string, seconds: readonly number[], bar: number, effort: Effort) {
  const all = milliseconds(seconds);
  return figure(name, quantile(all, 0.95), "ms (p95)", bar, effort, { median: median(all), all });
}

function assertAll(failed: number, rows: number): void {
  if (failed !== rows) throw new Error(`errors counts ${failed} failed rows, expected ${rows}`);
}
