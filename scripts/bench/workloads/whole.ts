/** What it costs that a file is loaded as a whole or not at all. */
import { EMPTY, LOADED } from "../states.ts";
import { UPDATE, updatedRows } from "./again.ts";
import { INSERT, UPSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

function whole(importer: "insert" | "upsert"): Measurement {
  return ingestRun({
    name: `fresh ${importer}, as a whole`,
    state: EMPTY,
    importer: `${importer}_whole`,
    file: "valid",
    counts: ({ rows }) => ({ created: rows }),
    expected: validRows,
    check: logs(() => 0),
  });
}

const UPDATE_WHOLE: Measurement = ingestRun({
  name: "update of every row, as a whole",
  state: LOADED,
  importer: "upsert_whole",
  file: "other",
  counts: ({ rows }) => ({ updated: rows }),
  expected: updatedRows,
  check: logs(() => 0),
});

const [against, bar] = ["ours with transaction: batch", 1.4];

export const WHOLE_WORKLOADS: readonly Workload[] = [
  {
    name: "fresh insert, transaction: run",
    against,
    bar,
    ours: whole("insert"),
    reference: INSERT,
  },
  {
    name: "fresh upsert, transaction: run",
    against,
    bar,
    ours: whole("upsert"),
    reference: UPSERT,
  },
  { name: "all updates, transaction: run", against, bar, ours: UPDATE_WHOLE, reference: UPDATE },
];
