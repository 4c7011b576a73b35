/** Takes back a run that has created half of a table's rows. */
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { deleteByKey } from "../programs/psql.ts";
import { IMPORTED, OTHERS } from "../states.ts";
import type { Measurement, Workload } from "./workload.ts";

const expected: Measurement["expected"] = async (bench) =>
  await bench.contents.ofState(bench, OTHERS);

const UNDO: Measurement = {
  name: "undo",
  state: IMPORTED,
  needs: null,
  expected,
  async run(database, { ingest, rows }) {
    const id = await latestRunId(new Ledger(database.session, "ingest"));
    return await ingest.load(database, ["undo", String(id)], { deleted: rows });
  },
};

const DELETE: Measurement = {
  name: "DELETE by key",
  state: IMPORTED,
  needs: "psql",
  expected,
  run: (database, { signal }) => deleteByKey(database, "created", signal),
};

export const TAKE_BACK_WORKLOADS: readonly Workload[] = [
  {
    name: "undo of half of a table's rows",
    against: "DELETE of them by key",
    bar: 1.2,
    ours: UNDO,
    reference: DELETE,
  },
];
