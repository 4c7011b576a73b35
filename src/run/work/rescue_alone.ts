/** What a process does that rescues the abandoned batches of one run: nothing else. */
import { BatchWorker } from "./batch_worker.ts";
import type { Errand, Report } from "./lonely_messages.ts";
import { WorkerConnection } from "./worker_connection.ts";

export type { Errand, Report } from "./lonely_messages.ts";
export { ALONE } from "./lonely_messages.ts";

/**
 * Takes one abandoned batch after the other until there are none. There is no limit to how long it
 * waits for a lock, as nobody waits for it. `commands` is its standard input after the errand. When
 * it ends, so has the process that wanted the errand done: then this resolves at once, and the caller
 * must end the process, whatever it is doing.
 */
export async function rescueAlone(
  { config, schemaName, run, ofAllRuns, name }: Errand,
  commands: AsyncIterable<string>,
  report: (report: Report) => void,
): Promise<void> {
  const worker = new BatchWorker({
    connection: new WorkerConnection(config, schemaName, `ingest ${name}`),
    schemaName,
    name,
    kind: "rescued",
    ofAllRuns,
    onEvent: (event) => {
      if (event.type === "idle" || event.type === "left") worker.stop();
      if (event.type === "settled" || event.type === "warning" || event.type === "left") {
        report(event);
      }
    },
  });
  worker.onConnection = (news) => {
    const message = news.type === "database" ? news.trouble?.warning ?? null : null;
    if (message !== null) report({ type: "warning", message });
  };
  await Promise.race([worker.run({ onlyRun: run, table: null }), orphaned(commands, worker)]);
}

async function orphaned(commands: AsyncIterable<string>, worker: BatchWorker): Promise<void> {
  for await (const command of commands) if (command.includes("stop")) worker.stop();
}
