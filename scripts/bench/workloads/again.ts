/** Loads files into a table that already has their keys. */
import { copyAndUpsert } from "../programs/psql.ts";
import { LOADED } from "../states.ts";
import { ingestRun, logs, type Measurement, type Workload } from "./workload.ts";

export const UPDATE: Measurement = ingestRun({
  name: "update of every row",
  state: LOADED,
  importer: "upsert",
  file: "other",
  counts: ({ rows }) => ({ updated: rows }),
  expected: contentOf("other"),
  check: logs(() => 0),
});

const UNCHANGED: Measurement = ingestRun({
  name: "unchanged rows",
  state: LOADED,
  importer: "upsert",
  file: "valid",
  counts: ({ rows }) => ({ skipped: rows }),
  expected: contentOf("valid"),
  check: logs(() => 0),
});

export const updatedRows: Measurement["expected"] = (bench) => contentOf("other")(bench);

function contentOf(kind: "valid" | "other"): Measurement["expected"] {
  return async (bench) =>
    await bench.contents.ofFile(bench, await bench.files.get(kind, bench.rows));
}

function copyAndUpsertOf(kind: "valid" | "other"): Measurement {
  return {
    name: `\\copy and upsert of ${kind} rows`,
    state: LOADED,
    needs: "psql",
    expected: contentOf(kind),
    async run(database, { files, rows, signal }) {
      return await copyAndUpsert(database, await files.get(kind, rows), signal);
    },
  };
}

const AGAINST = "\\copy to a temp table, ON CONFLICT";

export const AGAIN_WORKLOADS: readonly Workload[] = [
  {
    name: "another file, same keys: all updates",
    against: AGAINST,
    bar: 0.75,
    ours: UPDATE,
    reference: copyAndUpsertOf("other"),
  },
  {
    name: "the same file again: no change",
    against: AGAINST,
    bar: 0.3,
    ours: UNCHANGED,
    reference: copyAndUpsertOf("valid"),
  },
];
