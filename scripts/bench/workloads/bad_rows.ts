/** Compares files with bad rows to the same files without them: what does a bad row cost? */
import { together } from "../content.ts";
import { countSpecial } from "../data/kinds.ts";
import { EMPTY, REFERRING, REFUSING } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const INVALID: Measurement = ingestRun({
  name: "5 % invalid",
  state: EMPTY,
  importer: "insert",
  file: "invalid",
  counts: ({ rows }) => {
    const { invalid } = countSpecial(rows);
    return { created: rows - invalid, failed: invalid };
  },
  async expected(bench) {
    const file = await bench.files.get("valid", bench.rows);
    return await bench.contents.ofFile(bench, file, "invalid");
  },
  check: logs(({ rows }) => countSpecial(rows).invalid),
});

const CLEAN_BESIDE_REFUSED: Measurement = ingestRun({
  name: "clean, into the refusing table",
  state: REFUSING,
  importer: "insert",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  async expected(bench) {
    return together(await bench.contents.ofState(bench, REFUSING), await validRows(bench));
  },
  check: logs(() => 0),
});

const REFUSED: Measurement = ingestRun({
  name: "1 % refused",
  state: REFUSING,
  importer: "insert",
  file: "refused",
  counts: ({ rows }) => {
    const { refused } = countSpecial(rows);
    return { created: rows - refused, failed: refused };
  },
  async expected(bench) {
    const file = await bench.files.get("valid", bench.rows);
    return together(
      await bench.contents.ofState(bench, REFUSING),
      await bench.contents.ofFile(bench, file, "refused"),
    );
  },
  check: logs(({ rows }) => countSpecial(rows).refused),
});

const CLEAN_BESIDE_FOREIGN: Measurement = ingestRun({
  name: "clean, into the referring table",
  state: REFERRING,
  importer: "insert",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const FOREIGN: Measurement = ingestRun({
  name: "1 % without their foreign key",
  state: REFERRING,
  importer: "insert",
  file: "foreign",
  counts: ({ rows }) => {
    const { foreign } = countSpecial(rows);
    return { created: rows - foreign, failed: foreign };
  },
  async expected(bench) {
    const file = await bench.files.get("valid", bench.rows);
    return await bench.contents.ofFile(bench, file, "foreign");
  },
  check: logs(({ rows }) => countSpecial(rows).foreign),
});

export const BAD_ROWS_WORKLOADS: readonly Workload[] = [
  {
    name: "5 % of rows invalid",
    against: "ours without them",
    bar: 1.15,
    ours: INVALID,
    reference: INSERT,
  },
  {
    name: "1 % refused: unique, CHECK",
    against: "ours without them",
    bar: 1.25,
    ours: REFUSED,
    reference: CLEAN_BESIDE_REFUSED,
  },
  {
    name: "1 % refused: foreign key",
    against: "ours without them",
    bar: 1.25,
    ours: FOREIGN,
    reference: CLEAN_BESIDE_FOREIGN,
  },
];
