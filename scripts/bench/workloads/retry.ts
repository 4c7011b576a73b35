/** Retries the failed rows of a run after its definition was corrected. */
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Bench, Content } from "../bench.ts";
import { countSpecial } from "../data/kinds.ts";
import { PARTLY_FAILED } from "../states.ts";
import { ingestRun, type Measurement, type Workload } from "./workload.ts";

async function allRows(bench: Bench): Promise<Content> {
  return await bench.contents.ofFile(bench, await bench.files.get("some_old", bench.rows));
}

const RETRY: Measurement = {
  name: "retry of failed rows",
  state: PARTLY_FAILED,
  needs: null,
  async run(database, { ingest, folders, rows }) {
    const id = await latestRunId(new Ledger(database.session, "ingest"));
    const args = ["retry", String(id), "--importers", folders.mended];
    return await ingest.load(database, args, { created: countSpecial(rows).old });
  },
  expected: allRows,
  async check({ session }) {
    const [{ left }] = await session.query<{ left: number }>(
      "select count(*) as left from ingest.rows where resolved_by_run_id is null",
    );
    if (left > 0) throw new Error(`${left} failed rows are still unresolved`);
  },
};

const UPLOAD: Measurement = ingestRun({
  name: "upload of failed rows",
  state: PARTLY_FAILED,
  importer: "limited",
  mended: true,
  file: "only_old",
  counts: ({ rows }) => ({ created: countSpecial(rows).old }),
  expected: allRows,
});

export const RETRY_WORKLOADS: readonly Workload[] = [
  {
    name: "retry of 10 % failed rows",
    against: "these rows as a file",
    bar: 1.2,
    ours: RETRY,
    reference: UPLOAD,
  },
];
