/** Imports files in this process, with real workers, for tests of what a run guarantees. */
import type { DatabaseConfig, Session } from "../../src/db/session.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { driveRun } from "../../src/run/work/drive.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";

export interface Workshop extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly session: Session;
  readonly ledger: Ledger;
  /** Creates a run of a definition in YAML; no worker has started on it. */
  create(
    definition: string,
    file: string | Uint8Array,
    options?: {
      readonly dryRun?: boolean;
      readonly ledger?: Ledger;
      /** Of a file beside `file`, for a run beside others. */
      readonly name?: string;
    },
  ): Promise<Run>;
  /** Works on a run until it has ended; `config`: over other connections. */
  drive(run: Run, workers?: number, config?: DatabaseConfig): Promise<Run>;
  /** The file of the last run that was created without a name of its own. */
  readonly file: string;
}

/** A database with ingest's tables and the given ones, and a folder for files. */
export async function workshop(tables: string): Promise<Workshop> {
  const database = await migratedDatabase();
  const folder = await Deno.makeTempDir({ prefix: "ingest-run-" });
  const { session } = database;
  await session.query(tables);
  const ledger = new Ledger(session, "ingest");
  const file = `${folder}/data.csv`;
  return {
    database,
    session,
    ledger,
    file,
    async create(yaml, content, options = {}) {
      const parsed = parseDefinition(yaml, "test.yaml");
      if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
      const path = options.name === undefined ? file : `${folder}/${options.name}`;
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
      const { definition } = parsed;
      const { run } = await createRunFor((work) => work(options.ledger ?? ledger), {
        definition,
        file: path,
        user: "tester",
        spoolFolder: `${folder}/spool`,
        detach: false,
        dryRun: options.dryRun ?? false,
      });
      return run;
    },
    drive: (run, workers = 2, config = database.config) =>
      driveRun({ config, schemaName: "ingest", runId: run.id, workers }),
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

export function count(session: Session, from: string): Promise<number> {
  return session.query<{ n: number }>(`select count(*) as n from ${from}`)
    .then(([{ n }]) => n);
}
