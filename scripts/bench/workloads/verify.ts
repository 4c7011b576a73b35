/** Compares a run's file with the table, after the import that it is compared with. */
import { latestRunId } from "../../../src/ledger/runs/runs.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { EMPTY } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { type Measurement, validRows, type Workload } from "./workload.ts";

const VERIFY: Measurement = {
  name: "verify",
  state: EMPTY,
  needs: null,
  expected: validRows,
  async run(database, bench) {
    const { ingest, rows } = bench;
    // Only what comes after it is measured.
    await INSERT.run(database, bench);
    const id = await latestRunId(new Ledger(database.session, "ingest"));
    if (id === null) throw new Error("There is no run to verify");
    return await ingest.verify(database, id, rows);
  },
};

export const VERIFY_WORKLOADS: readonly Workload[] = [
  {
    name: "verify of the run",
    against: "the import itself",
    bar: 1.5,
    ours: VERIFY,
    reference: INSERT,
  },
];
