/** What it costs to look for rows of the table that the file doesn't have. */
import { LOADED, OUTDATED } from "../states.ts";
import { updatedRows } from "./again.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

type Case = Pick<Parameters<typeof ingestRun>[0], "file" | "counts" | "expected">;

const UPDATED: Case = {
  file: "other",
  counts: ({ rows }) => ({ updated: rows }),
  expected: updatedRows,
};

const UNCHANGED: Case = {
  file: "valid",
  counts: ({ rows }) => ({ skipped: rows }),
  expected: validRows,
};

/** One row in a hundred of the table is not in the file. `deletes`: they are deleted. */
function measured(name: string, about: Case, deletes: boolean): Measurement {
  return ingestRun({
    name: `${name}, ${deletes ? "and others deleted" : "as a whole"}`,
    state: OUTDATED,
    importer: deletes ? "upsert_absent" : "upsert_whole",
    ...about,
    ...!deletes && { expected: withOutdated(about.expected) },
    check: logs(() => 0),
  });
}

/** Checksums are sums over the rows. */
function withOutdated(expected: Measurement["expected"]): Measurement["expected"] {
  return async (bench) => {
    const written = await expected(bench);
    const before = await bench.contents.ofState(bench, OUTDATED);
    const loaded = await bench.contents.ofState(bench, LOADED);
    return {
      rows: written.rows + before.rows - loaded.rows,
      checksum: written.checksum + before.checksum - loaded.checksum,
    };
  };
}

const [against, bar] = ["ours without on_absent", 1.3];

export const ABSENT_WORKLOADS: readonly Workload[] = [
  {
    name: "all updates, on_absent: delete",
    against,
    bar,
    ours: measured("update of every row", UPDATED, true),
    reference: measured("each row updated", UPDATED, false),
  },
  {
    name: "no change, on_absent: delete",
    against,
    bar,
    ours: measured("unchanged rows", UNCHANGED, true),
    reference: measured("each row unchanged", UNCHANGED, false),
  },
];
