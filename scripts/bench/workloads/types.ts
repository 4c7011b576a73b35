/** Loads one column more, of a type that only Postgres reads, or that has many notations. */
import { COLUMN_TYPE_NAMES, COLUMN_TYPES, type ColumnTypeName } from "../data/types.ts";
import { copyInto } from "../programs/psql.ts";
import { EMPTY } from "../states.ts";
import { fewer, ingestRun, logs, type Measurement, type Workload } from "./workload.ts";

const BAR = 1.0;

function run(kind: ColumnTypeName): Measurement {
  const { table, words } = COLUMN_TYPES[kind];
  return ingestRun({
    name: `column of ${words}`,
    state: EMPTY,
    rows: fewer,
    importer: table,
    table,
    file: kind,
    counts: ({ rows }) => ({ created: rows }),
    expected: contentOf(kind),
    check: logs(() => 0),
  });
}

function copy(kind: ColumnTypeName): Measurement {
  const { table, words } = COLUMN_TYPES[kind];
  return {
    name: `\\copy with ${words}`,
    state: EMPTY,
    rows: fewer,
    table,
    needs: "psql",
    expected: contentOf(kind),
    async run(database, { files, rows, signal }) {
      return await copyInto(database, table, await files.get(kind, rows), signal);
    },
  };
}

function contentOf(kind: ColumnTypeName): Measurement["expected"] {
  return async (bench) =>
    await bench.contents.ofFile(bench, await bench.files.get(kind, bench.rows));
}

export const TYPE_WORKLOADS: readonly Workload[] = COLUMN_TYPE_NAMES.map((kind) => ({
  name: `column of ${COLUMN_TYPES[kind].words}`,
  against: "\\copy of the same",
  bar: BAR,
  ours: run(kind),
  reference: copy(kind),
}));
