/** Provides the server, the files and the programs while a benchmark runs. */
import type { Bench, BenchChoice } from "./bench.ts";
import { Contents } from "./content.ts";
import { DataFiles } from "./data/files.ts";
import { readMachine } from "./machine.ts";
import { writeDefinitions } from "./programs/definitions.ts";
import { Ingest } from "./programs/ingest.ts";
import { BenchServer } from "./server.ts";
import { States } from "./states.ts";

/** Starts the server. Leaves nothing behind except the generated files. */
export async function withBench(
  choice: BenchChoice,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const { rows, signal, log } = choice;
  const temporary = await Deno.makeTempDir({ prefix: "ingest-bench-server-" });
  try {
    await using server = await BenchServer.open(choice, temporary);
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
