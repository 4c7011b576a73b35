/** Loads JSON: an object on each line, and an array of the same. */
import { copyFromJq } from "../programs/jq.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const NDJSON: Measurement = ingestRun({
  name: "NDJSON",
  state: EMPTY,
  importer: "insert_json",
  file: "ndjson",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const ARRAY: Measurement = ingestRun({
  name: "JSON array",
  state: EMPTY,
  importer: "insert_json",
  file: "array",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const JQ: Measurement = {
  name: "jq | \\copy",
  state: EMPTY,
  needs: "jq",
  expected: validRows,
  async run(database, { files, rows, signal }) {
    return await copyFromJq(database, "customers", await files.get("ndjson", rows), signal);
  },
};

export const JSON_WORKLOADS: readonly Workload[] = [
  {
    name: "NDJSON",
    against: "jq, \\copy into the table",
    bar: 0.25,
    ours: NDJSON,
    reference: JQ,
  },
  {
    name: "JSON array",
    against: "ours of NDJSON",
    bar: 1.2,
    ours: ARRAY,
    reference: NDJSON,
  },
];
