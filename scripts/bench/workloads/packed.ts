/** Loads a packed file into an empty table. */
import { copyUnpacked } from "../programs/psql.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const PACKED: Measurement = ingestRun({
  name: "fresh insert of a gzip file",
  state: EMPTY,
  importer: "insert",
  file: "valid",
  isPacked: true,
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const ZCAT: Measurement = {
  name: "zcat and \\copy",
  state: EMPTY,
  needs: "psql",
  expected: validRows,
  async run(database, { files, rows, signal }) {
    const file = await files.get("valid", rows);
    return await copyUnpacked(database, "customers", file, await files.packed(file), signal);
  },
};

export const PACKED_WORKLOADS: readonly Workload[] = [
  {
    name: "fresh insert of a gzip file",
    against: "zcat, \\copy into the table",
    bar: 1.0,
    ours: PACKED,
    reference: ZCAT,
  },
];
