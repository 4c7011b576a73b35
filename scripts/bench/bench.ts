/** What every measurement has at hand. */
import { Contents } from "./content.ts";
import { DataFiles } from "./data/files.ts";
import { type Machine, readMachine } from "./machine.ts";
import { type DefinitionFolders, writeDefinitions } from "./programs/definitions.ts";
import { Ingest } from "./programs/ingest.ts";
import { BenchServer } from "./server.ts";
import { States } from "./states.ts";

export interface Bench {
  readonly machine: Machine;
  readonly states: States;
  readonly contents: Contents;
  readonly files: DataFiles;
  readonly ingest: Ingest;
  readonly folders: DefinitionFolders;
  /** Of the files. */
  readonly rows: number;
  /** For files that are passed on; removed at the end. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface BenchChoice {
  readonly rows: number;
  readonly workers: number | null;
  readonly binary: string | null;
  /** Null: an embedded server. */
  readonly databaseUrl: string | null;
  /** Ends what is being measured. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Starts the server, and leaves nothing behind but the generated files. */
export async function withBench(
  choice: BenchChoice,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const { rows, signal, log } = choice;
  const temporary = await Deno.makeTempDir({ prefix: "ingest-bench-server-" });
  try {
    await using server = await BenchServer.open(choice.databaseUrl, temporary);
    await work({
      machine: await readMachine(server, choice.binary),
      states: new States(server),
      contents: new Contents(),
      files: await DataFiles.open(signal, log),
      ingest: new Ingest({ ...choice, home: `${temporary}/ingest` }, signal),
      folders: await writeDefinitions(temporary),
      ...{ rows, temporary, signal, log },
    });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}
