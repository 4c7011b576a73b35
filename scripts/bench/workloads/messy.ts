/** Loads a file of which every column has to be cleaned. */
import { copyInto } from "../programs/psql.ts";
import { countSpecial } from "../data/kinds.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, type Workload } from "./workload.ts";

const MESSY: Measurement = ingestRun({
  name: "messy",
  state: EMPTY,
  importer: "contacts",
  table: "contacts",
  file: "messy",
  counts: ({ rows }) => ({ created: rows }),
  async expected(bench) {
    return await bench.contents.ofFile(bench, await bench.files.get("cleaned", bench.rows));
  },
  check: logs(() => 0),
});

const SPOILT: Measurement = ingestRun({
  name: "messy, 3 % wrong",
  state: EMPTY,
  importer: "contacts",
  table: "contacts",
  file: "spoilt",
  counts: ({ rows }) => {
    const { spoilt } = countSpecial(rows);
    return { created: rows - spoilt, failed: spoilt };
  },
  async expected(bench) {
    const file = await bench.files.get("cleaned", bench.rows);
    return await bench.contents.ofFile(bench, file, "spoilt");
  },
  check: logs(({ rows }) => countSpecial(rows).spoilt),
});

const COPY_CLEANED: Measurement = {
  name: "\\copy of the cleaned file",
  state: EMPTY,
  table: "contacts",
  needs: "psql",
  expected: MESSY.expected,
  async run(database, { files, rows, signal }) {
    return await copyInto(database, "contacts", await files.get("cleaned", rows), signal);
  },
};

export const MESSY_WORKLOADS: readonly Workload[] = [
  {
    name: "messy file, every column cleaned",
    against: "\\copy of the cleaned file",
    bar: 0.9,
    ours: MESSY,
    reference: COPY_CLEANED,
  },
  {
    name: "the same, 3 % of rows wrong",
    against: "ours without them",
    bar: 1.2,
    ours: SPOILT,
    reference: MESSY,
  },
];
