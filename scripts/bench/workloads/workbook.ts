/** Loads a workbook, instead of making a text of it first. */
import { workbookOf } from "../data/workbook.ts";
import type { Load } from "../programs/process.ts";
import { toCsv } from "../programs/xlsx2csv.ts";
import { EMPTY } from "../states.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

/** As many as people have in a sheet, which can't hold more than a million. */
function rowsOfSheet(rows: number): number {
  return Math.min(rows, 200_000);
}

const FROM_TEXT: Measurement = ingestRun({
  name: "the workbook's rows as CSV",
  state: EMPTY,
  rows: rowsOfSheet,
  importer: "insert",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const FROM_WORKBOOK: Measurement = {
  name: "workbook",
  state: EMPTY,
  rows: rowsOfSheet,
  needs: null,
  expected: validRows,
  async run(database, { files, rows, folders, ingest }) {
    const path = await workbookOf(await files.get("valid", rows));
    const named = ["run", "insert", "--file", path, "--importers", folders.importers];
    return await ingest.load(database, named, { created: rows });
  },
  check: logs(() => 0),
};

const CONVERTED: Measurement = {
  ...FROM_TEXT,
  name: "xlsx2csv, then ours",
  needs: "xlsx2csv",
  async run(database, bench) {
    const { files, rows, temporary, signal } = bench;
    const path = await workbookOf(await files.get("valid", rows));
    const converted = await toCsv(path, `${temporary}/workbook.csv`, signal);
    return together(converted, await FROM_TEXT.run(database, bench));
  },
};

/** One after the other. */
function together(one: Load, other: Load): Load {
  const sum = (a: number | null, b: number | null) => a === null || b === null ? null : a + b;
  return {
    seconds: one.seconds + other.seconds,
    cpuSeconds: sum(one.cpuSeconds, other.cpuSeconds),
    peakMegabytes: Math.max(one.peakMegabytes ?? 0, other.peakMegabytes ?? 0),
  };
}

export const WORKBOOK_WORKLOADS: readonly Workload[] = [
  {
    name: "workbook (XLSX), 200,000 rows",
    against: "xlsx2csv, and ours of its CSV",
    bar: 0.35,
    ours: FROM_WORKBOOK,
    reference: CONVERTED,
  },
];
