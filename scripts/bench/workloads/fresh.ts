/** Loads files into an empty table. */
import { loadWithPgloader } from "../programs/pgloader.ts";
import { copyInto } from "../programs/psql.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

export const INSERT: Measurement = ingestRun({
  name: "fresh insert",
  state: EMPTY,
  importer: "insert",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

export const UPSERT: Measurement = ingestRun({
  name: "fresh upsert",
  state: EMPTY,
  importer: "upsert",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const COPY: Measurement = {
  name: "\\copy",
  state: EMPTY,
  needs: "psql",
  expected: validRows,
  async run(database, { files, rows, signal }) {
    return await copyInto(database, "customers", await files.get("valid", rows), signal);
  },
};

const PGLOADER: Measurement = {
  name: "pgloader",
  state: EMPTY,
  needs: "pgloader",
  expected: validRows,
  async run(database, { files, rows, temporary, signal }) {
    const file = await files.get("valid", rows);
    return await loadWithPgloader(database, "customers", file, temporary, signal);
  },
};

export const FRESH_WORKLOADS: readonly Workload[] = [
  {
    name: "fresh insert, on_duplicate: fail",
    against: "\\copy into the table",
    bar: 0.85,
    ours: INSERT,
    reference: COPY,
  },
  {
    name: "fresh insert, on_duplicate: update",
    against: "\\copy into the table",
    bar: 0.9,
    ours: UPSERT,
    reference: COPY,
  },
  {
    name: "beside pgloader",
    against: "pgloader, the same file",
    bar: 0.2,
    ours: INSERT,
    reference: PGLOADER,
  },
];
