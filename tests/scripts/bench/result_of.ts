/** A sample result of the benchmark, for tests of its tables and pictures. */
import { type BenchResult, toWorkloadResult } from "../../../scripts/bench/result.ts";

const loads = (...seconds: readonly number[]) =>
  seconds.map((each) => ({ seconds: each, cpuSeconds: each / 2, peakMegabytes: 200 + each }));

export const INSERT = toWorkloadResult(
  { name: "fresh insert, on_duplicate: fail", against: "\\copy <of> the & same", bar: 0.9 },
  1000,
  { name: "insert", loads: loads(8, 8.1, 7.9, 8, 8.2, 8, 7.8) },
  { name: "\\copy", loads: loads(10, 10, 10, 10, 10, 10, 10) },
);

export const ALONE = toWorkloadResult(
  { name: "beside pgloader", against: "pgloader", bar: 0.2 },
  1000,
  { name: "insert", loads: loads(8) },
  null,
);

export const RESULT: BenchResult = {
  at: "2026-11-25T16:51:22.531Z",
  machine: {
    cores: 2,
    cpu: null,
    server: "PostgreSQL 18.4",
    settings: "shared_buffers 128MB, max_wal_size 1GB",
    embedded: true,
    psql: "18.4",
    pgloader: null,
    deno: "2.8.3",
    binary: null,
  },
  rows: 1000,
  pairs: 7,
  workers: null,
  workloads: [INSERT, ALONE],
  figures: [],
  profiles: [{
    file: "messy file",
    stages: [
      { stage: "start", seconds: 0.5 },
      { stage: "row", seconds: 1.25 },
      { stage: "ledger", seconds: 0.01 },
      { stage: "load", seconds: 0 },
      { stage: "Postgres", seconds: 4 },
    ],
  }],
  notes: [],
};

/** The same on a server that takes twice as long. */
export const OTHER: BenchResult = {
  ...RESULT,
  machine: { ...RESULT.machine, server: "PostgreSQL 15.18", embedded: false },
  workloads: [toWorkloadResult(
    { name: INSERT.workload, against: INSERT.against, bar: INSERT.bar },
    1000,
    { name: "insert", loads: loads(16) },
    { name: "\\copy", loads: loads(10) },
  )],
};
