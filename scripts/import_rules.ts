/**
 * The one place that says which folder of `src/` may import from which. A row goes from `source` to
 * `ledger`. The stages share types, never behaviour, and `run` puts them together.
 */

export interface ImportRule {
  /** The folders from which anything may be imported. */
  readonly from: readonly string[];
  /** The folders from which only types may be imported, and anything from the files in `shared`. */
  readonly typesFrom: readonly string[];
}

const stages: readonly string[] = ["source", "keys", "row", "load"];
const everything: readonly string[] = [
  ...[
    "config",
    "observe",
    "db",
    "pattern",
    "importer",
    "kernel",
    ...stages,
    "ledger",
    "run",
    "report",
  ],
  "hooks",
];

export const rules: Readonly<Record<string, ImportRule>> = {
  config: { from: [], typesFrom: [] },
  observe: { from: ["config"], typesFrom: [] },
  db: { from: ["config", "observe"], typesFrom: [] },
  importer: { from: ["config"], typesFrom: ["row", "load"] },
  // What happens in a process of its own: it has no database, and knows nothing of a run.
  hooks: { from: ["config"], typesFrom: [] },
  pattern: { from: [], typesFrom: [] },
  // Where this machine keeps its copies is the environment's to say.
  source: { from: ["config", "pattern"], typesFrom: ["importer", ...stages] },
  // It does on bytes, for whole batches, what source, keys, row and pattern do. If it isn't sure, it asks
  // them.
  kernel: { from: ["source", "row", "pattern"], typesFrom: ["importer", ...stages] },
  keys: { from: ["kernel"], typesFrom: ["importer", ...stages] },
  // `row` compiles definitions.
  row: { from: ["importer", "pattern"], typesFrom: stages },
  load: { from: ["db"], typesFrom: ["importer", ...stages] },
  ledger: { from: ["db"], typesFrom: everything },
  run: { from: everything.filter((folder) => folder !== "report"), typesFrom: ["report"] },
  // `row` and `importer` know how columns of the file are found by name.
  report: { from: ["source", "row", "importer", "ledger", "db", "config"], typesFrom: everything },
  // These two reach the stages through `run` and `report`.
  http: {
    from: ["run", "report", "ledger", "importer", "config", "observe", "db"],
    typesFrom: stages,
  },
  cli: {
    from: ["run", "report", "ledger", "importer", "config", "observe", "db", "http", "hooks"],
    typesFrom: stages,
  },
  // main.ts itself.
  "": { from: ["cli"], typesFrom: [] },
};

/**
 * The subfolders ("rooms") of a folder, and from which of its other rooms each may import, types
 * included. `""` stands for the folder's own files. `request` doesn't know who does the work.
 * `work` knows how a run is planned and a batch processed. And `plan` and `process` get their rows
 * from `supply`.
 */
export const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  run: {
    hooks: [],
    request: ["", "supply", "hooks"],
    work: ["", "plan", "process", "supply", "undo", "hooks"],
    plan: ["", "supply"],
    process: ["", "supply"],
    verify: ["", "request", "process", "supply"],
    recheck: ["", "request", "process", "hooks"],
    guess: ["", "request", "supply"],
    watch: ["", "request", "work"],
    undo: ["", "request", "process", "verify"],
    "": ["supply", "hooks"],
    supply: [],
  },
};

/**
 * Types that the stages share, with the constants that belong to them, and what was probably meant by
 * a name. And the format of a file of failed rows, which `report` writes and `run` reads back.
 */
export const shared: readonly string[] = [
  "src/importer/condition/condition.ts",
  "src/importer/definition.ts",
  "src/importer/source_rule.ts",
  "src/importer/lookup_rule.ts",
  "src/importer/nearest.ts",
  "src/importer/hooks_rule.ts",
  "src/importer/related/many_rule.ts",
  "src/importer/related/nested_rule.ts",
  "src/load/catalog/link_table.ts",
  "src/load/catalog/lookup_table.ts",
  "src/load/catalog/table.ts",
  "src/load/catalog/table_column.ts",
  "src/report/failed_columns.ts",
  "src/report/spreadsheet.ts",
  "src/row/copy_format.ts",
  "src/row/outcome.ts",
  "src/row/pipeline.ts",
  "src/source/condition.ts",
  "src/source/display_text.ts",
  "src/source/record.ts",
];

/**
 * The packages that are part of the compiled program. All others of deno.json are for tests and
 * scripts, however small they look.
 */
export const packages: readonly string[] = [
  ...[
    "@eslint-community/regexpp",
    "@hono/zod-openapi",
    "aws4fetch",
    "busboy",
    "commander",
    "croner",
  ],
  ...["hono", "postgres", "yaml", "zod"],
];

/** Only these may print or end the process. */
export const mayPrint: readonly string[] = ["src/cli/", "main.ts"];
