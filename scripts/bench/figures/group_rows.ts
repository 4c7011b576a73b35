/** How long it takes to see rows of an error group, in a run in which every row failed. */
import { Ledger } from "../../../src/ledger/ledger.ts";
import { packRuns } from "../../../src/ledger/rows/row_runs.ts";
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import type { Bench } from "../bench.ts";
import { Serving } from "../programs/serving.ts";
import type { BenchDatabase } from "../server.ts";
import { median, quantile } from "../statistics.ts";
import { ALL_FAILED } from "../states.ts";
import { type Effort, figure, type Figures, milliseconds } from "./figure.ts";

const TIMES = 20;
/** In milliseconds. */
const ANSWER = 50;
/** A group with so many rows, all of them at the end of the file. */
const FEW = 5;

/**
 * The first page and the last one of a group with every row, and the only page of one with a few rows
 * at the end. Asked of a server, because a command takes longer to start.
 */
export const GROUP_ROWS: Figures = {
  name: "rows of a group",
  async measure(bench, effort) {
    const database = await bench.states.restore(ALL_FAILED, bench);
    const id = await latestRunId(new Ledger(database.session, "ingest"));
    await makeFew(database, bench);
    await using server = await Serving.start(bench, database);
    const pages = [
      ["first page", "code=type&limit=100", 100],
      ["last page", `code=type&limit=100&cursor=${bench.rows - 1000}`, 100],
      [`${FEW} rows at the end`, "code=lookup", FEW],
    ] as const;
    const figures = [];
    for (const [name, query, rows] of pages) {
      const answers: number[] = [];
      const times = effort.quick ? 3 : TIMES;
      // A server's first answer doesn't count, because it loads code for it.
      for (let time = 0; time <= times; time++) {
        const { seconds, body } = await server.get(`/${id}/rows?${query}`);
        const found = JSON.parse(body).data.length;
        if (found !== rows) throw new Error(`${name}: ${found} rows, expected ${rows}`);
        if (time > 0) answers.push(seconds);
      }
      figures.push(summed(`rows of a group, ${name}, ${bench.rows} failed rows`, answers, effort));
    }
    return figures;
  },
};

/** A group that the file has not. */
async function makeFew({ session }: BenchDatabase, { rows }: Bench): Promise<void> {
  await session.execute(
    `insert into ingest.batch_errors
       (run_id, batch, kind, fingerprint, message, code, count, sample_rows, rows, last_row)
     select run_id, batch, kind, '0123456789abcdef:lookup', 'No.', 'lookup', ${FEW},
       array[${rows - FEW + 1}], decode($1, 'hex'), ${rows}
     from ingest.batch_errors order by batch desc limit 1`,
    [packRuns([rows - FEW + 1, rows]).toHex()],
  );
}

function summed(name: string, seconds: readonly number[], effort: Effort) {
  const all = milliseconds(seconds);
  return figure(name, quantile(all, 0.95), "ms (p95)", ANSWER, effort, {
    median: median(all),
    all,
  });
}
