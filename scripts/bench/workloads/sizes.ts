/** Loads small files: how long does the program take to start and to end? */
import { copyInto } from "../programs/psql.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

/** In seconds: what a program that checks each row may take longer to start than psql. */
const START = 0.15;

function ofRows(count: number): Workload {
  const words = `${count.toLocaleString("en-US")} rows`;
  const rows = () => count;
  const ours: Measurement = ingestRun({
    name: words,
    state: EMPTY,
    rows,
    importer: "insert",
    file: "valid",
    counts: () => ({ created: count }),
    expected: validRows,
    check: logs(() => 0),
  });
  const reference: Measurement = {
    name: `\\copy of ${words}`,
    state: EMPTY,
    rows,
    needs: "psql",
    expected: validRows,
    async run(database, { files, signal }) {
      return await copyInto(database, "customers", await files.get("valid", count), signal);
    },
  };
  return {
    name: `small file: ${words}`,
    against: `\\copy + ${START} s`,
    bar: 1.0,
    allowance: START,
    ours,
    reference,
  };
}

export const SIZE_WORKLOADS: readonly Workload[] = [10, 10_000, 100_000].map(ofRows);
