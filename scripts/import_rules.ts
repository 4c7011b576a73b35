/**
 * Which folder of `src/` may import from which: the one place that says so. A row goes from
 * `source` to `ledger`; the stages share types, never behaviour, and `run` puts them together.
 */

export interface ImportRule {
  /** Anything may be imported from these. */
  readonly from: readonly string[];
  /** Only types from these, and anything from the modules in `shared`. */
  readonly typesFrom: readonly string[];
}

const stages: readonly string[] = ["source", "keys", "row", "load"];
const everything: readonly string[] = [
  ...["config", "observe", "db", "importer", "kernel", ...stages, "ledger", "run", "report"],
];

export const rules: Readonly<Record<string, ImportRule>> = {
  config: { from: [], typesFrom: [] },
  observe: { from: ["config"], typesFrom: [] },
  db: { from: ["config", "observe"], typesFrom: [] },
  importer: { from: ["config"], typesFrom: ["row", "load"] },
  source: { from: [], typesFrom: ["importer", ...stages] },
  // What source, keys and row do on the bytes, for whole batches; asks them where it isn't sure.
  kernel: { from: ["source", "row"], typesFrom: ["importer", ...stages] },
  keys: { from: ["kernel"], typesFrom: ["importer", ...stages] },
  // It compiles definitions.
  row: { from: ["importer"], typesFrom: stages },
  load: { from: ["db"], typesFrom: ["importer", ...stages] },
  ledger: { from: ["db"], typesFrom: everything },
  run: { from: everything.filter((folder) => folder !== "report"), typesFrom: ["report"] },
  report: { from: ["source", "ledger", "db", "config"], typesFrom: everything },
  // These two reach the stages through `run` and `report`.
  http: {
    from: ["run", "report", "ledger", "importer", "config", "observe", "db"],
    typesFrom: stages,
  },
  cli: {
    from: ["run", "report", "ledger", "importer", "config", "observe", "db", "http"],
    typesFrom: stages,
  },
  // main.ts itself.
  "": { from: ["cli"], typesFrom: [] },
};

/**
 * Rooms of a folder, and which of its other rooms each may import from, types included. `""` is the
 * folder's own files. What people ask for doesn't know who does it; workers know how a run is
 * planned and a batch processed; and these two get their rows from a supply.
 */
export const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  run: {
    request: ["", "supply"],
    work: ["", "plan", "process", "supply"],
    plan: ["", "supply"],
    process: ["", "supply"],
    "": ["supply"],
    supply: [],
  },
};

/**
 * Types, and constants that belong to them: what the stages agree on. And how a file of failed rows
 * looks, which `report` writes and `run` reads back.
 */
export const shared: readonly string[] = [
  "src/importer/definition.ts",
  "src/load/table.ts",
  "src/report/failed_columns.ts",
  "src/report/spreadsheet.ts",
  "src/row/copy_format.ts",
  "src/row/outcome.ts",
  "src/row/pipeline.ts",
  "src/source/display_text.ts",
  "src/source/record.ts",
];

/** Only these print or end the process. */
export const mayPrint: readonly string[] = ["src/cli/", "main.ts"];
