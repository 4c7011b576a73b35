/** Loads the rows of one file from many. */
import { EMPTY } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const DIVIDED: Measurement = ingestRun({
  name: "files of 1,000 rows in one run",
  state: EMPTY,
  importer: "insert",
  file: "valid",
  isDivided: true,
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

export const SEVERAL_WORKLOADS: readonly Workload[] = [
  {
    name: "files of 1,000 rows in one run",
    against: "ours of one file",
    bar: 1.3,
    ours: DIVIDED,
    reference: INSERT,
  },
];
