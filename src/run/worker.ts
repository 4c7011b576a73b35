/** Entry point of the workers' threads. */
import { BatchWorker } from "./batch_worker.ts";
import { Planner } from "./planner.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

interface Thread {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}
const thread = self as unknown as Thread;

let work: { wake(): void; stop(): void; run(): Promise<void> } | null = null;

thread.onmessage = ({ data }) => {
  switch (data.type) {
    case "start":
      work = begin(data);
      work.run().then(
        () => thread.postMessage({ type: "ended" }),
        (error: unknown) => {
          const message = error instanceof Error ? error.stack ?? error.message : String(error);
          thread.postMessage({ type: "crashed", message });
        },
      );
      break;
    case "wake":
      work?.wake();
      break;
    case "mode":
      if (work instanceof BatchWorker) work.setMode(data.mode);
      break;
    case "stop":
      work?.stop();
      break;
  }
};

function begin(start: ToWorker & { type: "start" }): BatchWorker | Planner {
  return start.role === "load"
    ? new BatchWorker({ ...start, onEvent: (event) => thread.postMessage(event) })
    : new Planner({
      ...start,
      onPlanned: () => thread.postMessage({ type: "planned" }),
      onSettled: (ended) => thread.postMessage({ type: "settled", ended }),
    });
}
