/** Loads the same file in other ways: with a log of all rows, and as a dry run. */
import { NOTHING } from "../content.ts";
import { EMPTY } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const LOG_ALL: Measurement = ingestRun({
  name: "log_rows: all",
  state: EMPTY,
  importer: "logged",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(({ rows }) => rows),
});

const DRY_RUN: Measurement = ingestRun({
  name: "dry run",
  state: EMPTY,
  importer: "insert",
  file: "valid",
  flags: ["--dry-run"],
  counts: ({ rows }) => ({ created: rows }),
  expected: () => Promise.resolve(NOTHING),
  check: logs(() => 0),
});

export const WAYS_WORKLOADS: readonly Workload[] = [
  {
    name: "log_rows: all",
    against: "ours with log_rows: failed",
    bar: 1.7,
    ours: LOG_ALL,
    reference: INSERT,
  },
  {
    name: "dry run",
    against: "our real run",
    bar: 1.1,
    ours: DRY_RUN,
    reference: INSERT,
  },
];
