/** Imports with hooks, in this process, with real workers and the real process of the hooks. */
import type { DatabaseConfig } from "../../src/db/session.ts";
import { findImporter, type Importer } from "../../src/importer/folder.ts";
import type { RowErrors } from "../../src/ledger/rows/rows.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { createRetry } from "../../src/run/request/retry/retry.ts";
import { driveRun } from "../../src/run/work/drive.ts";
import { type Workshop, workshop } from "./importing.ts";

export interface Hooking extends AsyncDisposable {
  readonly shop: Workshop;
  readonly folder: string;
  /** Writes the importer `t`, and the file of its hooks. */
  write(definition: string, hooks: string): Promise<Importer>;
  create(file: string, dryRun?: boolean): Promise<Run>;
  drive(run: Run, workers?: number, config?: DatabaseConfig): Promise<Run>;
  /** Creates a run and works on it until it has ended. */
  run(file: string, dryRun?: boolean): Promise<Run>;
  retry(run: Run): Promise<{ readonly run: Run; readonly notes: readonly string[] }>;
  /** The errors of the run's failed rows: `row code column message`. */
  failures(run: Run): Promise<readonly string[]>;
  query(statement: string): Promise<readonly unknown[]>;
}

export async function hooking(tables: string, name = "data.csv"): Promise<Hooking> {
  const shop = await workshop(tables);
  const { ledger, session, database } = shop;
  const folder = await Deno.makeTempDir({ prefix: "ingest-hooks-" });
  const find = () => findImporter(folder, "t");
  const drive = (run: Run, workers = 2, config = database.config) =>
    driveRun({ config, schemaName: "ingest", runId: run.id, workers });
  const create = async (content: string, dryRun = false) => {
    const importer = await find();
    const file = `${folder}/${name}`;
    await Deno.writeTextFile(file, content);
    const { run } = await createRunFor((work) => work(ledger), {
      definition: importer.definition,
      origin: importer,
      file,
      user: "tester",
      spoolFolder: `${folder}/spool`,
      detach: true,
      dryRun,
    });
    return run;
  };
  return {
    shop,
    folder,
    async write(definition, hooks) {
      await Deno.writeTextFile(`${folder}/t.yaml`, `hooks: ./t.hooks.js\n${definition}`);
      await Deno.writeTextFile(`${folder}/t.hooks.js`, hooks);
      return await find();
    },
    create,
    drive,
    run: async (content, dryRun) => await drive(await create(content, dryRun)),
    async retry(run) {
      const made = await createRetry(ledger, {
        run,
        chooseDefinition: async () => {
          const origin = await find();
          return { definition: origin.definition, origin };
        },
        user: "tester",
        dryRun: false,
        file: null,
        spoolFolder: `${folder}/spool`,
      });
      if (!made.made) throw new Error(made.because);
      return { run: await drive(made.run), notes: made.notes };
    },
    async failures({ id }) {
      const rows = await session.query<{ row: number; errors: RowErrors }>(
        `select row_number as row, errors from ingest.rows
         where run_id = ${id} and status = 'failed' order by 1`,
      );
      return rows.flatMap(({ row, errors: { message, validation, details } }) => {
        const messages = Object.values(validation).flat();
        return details.map(({ code, column }, index) =>
          `${row} ${code} ${column ?? "-"} ${messages[index] ?? message}`
        );
      });
    },
    query: (statement) => session.query(statement),
    async [Symbol.asyncDispose]() {
      await shop[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
