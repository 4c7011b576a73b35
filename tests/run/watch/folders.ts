/** Folders that are watched look by look, with clocks that only the test moves. */
import { Ledger } from "../../../src/ledger/ledger.ts";
import { parseDefinition } from "../../../src/importer/parse.ts";
import type { Importer } from "../../../src/importer/folder.ts";
import type { LogEntry } from "../../../src/observe/log_entry.ts";
import { SessionPool } from "../../../src/db/session_pool.ts";
import { driveRun } from "../../../src/run/work/drive.ts";
import { FolderWatch, type Watcher } from "../../../src/run/watch/look_at_folder.ts";
import { watchedFolder } from "../../../src/run/watch/watched_folder.ts";
import { migratedDatabase, type TestDatabase } from "../../support/database.ts";

export interface Machine {
  readonly watcher: Watcher;
  readonly log: LogEntry[];
  /** Looks once, so many milliseconds after the last look. */
  look(milliseconds?: number): Promise<void>;
  /** Ends its connections, as if it had been switched off. */
  close(): Promise<void>;
}

export interface Folders extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly ledger: Ledger;
  readonly folder: string;
  machine(host: string, onStep?: Watcher["onStep"]): Machine;
  write(name: string, text: string): Promise<void>;
  /** Loads all open runs. */
  drive(): Promise<void>;
  /** Paths of files, sorted, with what is in `in`, `done` and `failed`. */
  files(): Promise<string[]>;
  /** Makes leases of processes that have died end. */
  passTime(): Promise<void>;
  /** The values of the table's column. */
  rows(): Promise<number[]>;
  runs(): Promise<number>;
}

export const SETTLE = 10_000;

export async function folders(more = "", pattern = "in/*.csv"): Promise<Folders> {
  const database = await migratedDatabase();
  const { session, config } = database;
  await session.query("create table target (id int not null)");
  const ledger = new Ledger(session, "ingest");
  const folder = await Deno.makeTempDir({ prefix: "ingest-watch-" });
  await Deno.mkdir(`${folder}/in`);
  const yaml = `table: target\nsource:\n  type: folder\n  path: "${pattern}"\n  done: done/\n` +
    `  failed: failed/\n${more}`;
  const parsed = parseDefinition(yaml, "target.yaml");
  if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
  const importer: Importer = { ...parsed, file: "target.yaml" };
  const watched = watchedFolder(parsed.definition, folder)!;
  const machines: Machine[] = [];
  return {
    ...{ database, ledger, folder },
    machine(host, onStep) {
      const pool = new SessionPool(config, { max: 2, applicationName: host });
      const log: LogEntry[] = [];
      let time = 0;
      const withLedger: Watcher["withLedger"] = (work) =>
        pool.use((session) => work(new Ledger(session, "ingest")));
      const watcher: Watcher = {
        ...{ withLedger, host, onStep },
        signal: new AbortController().signal,
        holder: crypto.randomUUID(),
        now: () => time,
        log: (entry) => log.push(entry),
        storageFolder: () => Promise.resolve(`${folder}/spool`),
        exportFailed: async (run, path) => {
          await Deno.writeTextFile(path, `rows of run ${run}`);
          return true;
        },
      };
      const watch = new FolderWatch(watcher);
      const machine: Machine = {
        ...{ watcher, log },
        look: (milliseconds = SETTLE) => {
          time += milliseconds;
          return watch.look(watched, importer);
        },
        close: () => pool.close(),
      };
      machines.push(machine);
      return machine;
    },
    write: (name, text) => Deno.writeTextFile(`${folder}/in/${name}`, text),
    async drive() {
      const open = await session.query<{ id: number }>(
        "select id from ingest.runs where status in ('pending', 'processing') order by id",
      );
      for (const { id } of open) {
        await driveRun({ config, schemaName: "ingest", runId: id, workers: 1 });
      }
    },
    async files() {
      const found: string[] = [];
      for (const part of ["in", "done", "failed"]) {
        for (const name of await namesIn(`${folder}/${part}`)) found.push(`${part}/${name}`);
      }
      return found.sort();
    },
    async passTime() {
      await session.query(
        `update ingest.watched_files set seen_at = seen_at - interval '1 hour',
           tried_at = tried_at - interval '1 hour', ended_at = ended_at - interval '1 hour'`,
      );
    },
    rows: async () =>
      (await session.query<{ id: number }>("select id from target order by id")).map(({ id }) =>
        id
      ),
    runs: async () =>
      (await session.query<{ n: number }>("select count(*)::int as n from ingest.runs"))[0].n,
    [Symbol.asyncDispose]: async () => {
      for (const machine of machines) await machine.close();
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

/** What a machine has told, without what it does all the time. */
export function warnings({ log }: Machine): string[] {
  return log.filter(({ level }) => level !== "info").map(({ message }) => message);
}
