/** Loads files of unusual shapes: very many short rows, a few very long ones, quotes everywhere. */
import type { KindName } from "../data/kinds.ts";
import { copyInto } from "../programs/psql.ts";
import { EMPTY } from "../states.ts";
import {
  fewer,
  ingestRun,
  logs,
  type Measurement,
  trimmedRows,
  type Workload,
} from "./workload.ts";

/** A row of 500 columns is about as long as fifty others. */
const fiftieth = (rows: number) => Math.ceil(rows / 50);

function shaped(
  kind: "narrow" | "wide",
  name: string,
  bar: number,
  rows?: (asARule: number) => number,
): Workload {
  const same = {
    state: EMPTY,
    rows,
    table: kind,
    async expected(bench) {
      return await bench.contents.ofFile(bench, await bench.files.get(kind, bench.rows));
    },
  } satisfies Partial<Measurement>;
  return {
    name,
    against: "\\copy into the table",
    bar,
    ours: ingestRun({
      ...same,
      name,
      importer: kind,
      file: kind,
      counts: ({ rows }) => ({ created: rows }),
      check: logs(() => 0),
    }),
    reference: {
      ...same,
      name: `\\copy of ${name}`,
      needs: "psql",
      async run(database, { files, rows, signal }) {
        return await copyInto(database, kind, await files.get(kind, rows), signal);
      },
    },
  };
}

function quoting(name: string, file: KindName): Measurement {
  return ingestRun({
    name,
    state: EMPTY,
    rows: fewer,
    importer: "insert",
    file,
    counts: ({ rows }) => ({ created: rows }),
    expected: trimmedRows(file),
    check: logs(() => 0),
  });
}

export const SHAPE_WORKLOADS: readonly Workload[] = [
  shaped("narrow", "rows of 3 fields", 1.0),
  shaped("wide", "rows of 500 columns", 1.1, fiftieth),
  {
    name: "doubled quotes in every row",
    against: "the same without quotes",
    bar: 1.15,
    ours: quoting("doubled quotes", "doubled"),
    reference: quoting("no quotes", "labels"),
  },
];
