/** What it costs that a run can be undone. */
import { EMPTY, LOADED } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { UPDATE, updatedRows } from "./again.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const INSERT_WITHOUT: Measurement = ingestRun({
  name: "fresh insert, undo: off",
  state: EMPTY,
  importer: "insert_off",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

function updateOf(undo: "off" | "updates"): Measurement {
  return ingestRun({
    name: `update of every row, undo: ${undo}`,
    state: LOADED,
    importer: `upsert_${undo}`,
    file: "other",
    counts: ({ rows }) => ({ updated: rows }),
    expected: updatedRows,
    check: logs(() => 0),
  });
}

const UPDATE_WITHOUT = updateOf("off");

export const UNDO_WORKLOADS: readonly Workload[] = [
  {
    name: "fresh insert, undo: inserts",
    against: "ours with undo: off",
    bar: 1.01,
    ours: INSERT,
    reference: INSERT_WITHOUT,
  },
  {
    name: "all updates, undo: inserts",
    against: "ours with undo: off",
    bar: 1.01,
    ours: UPDATE,
    reference: UPDATE_WITHOUT,
  },
  {
    name: "all updates, undo: updates",
    against: "ours with undo: off",
    bar: 1.5,
    ours: updateOf("updates"),
    reference: UPDATE_WITHOUT,
  },
];
