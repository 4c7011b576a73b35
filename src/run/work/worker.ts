/** Entry point of the worker threads. */
import { BatchWorker } from "./batch_worker.ts";
import { describeCrash } from "./judge_failure.ts";
import { PlanningWorker } from "./planning_worker.ts";
import type { FromWorker, Role, ToWorker } from "./worker_messages.ts";

interface Thread {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}
const thread = self as unknown as Thread;

/** Milliseconds between two signs of life. */
const SIGN_OF_LIFE = 1_000;
setInterval(() => thread.postMessage({ type: "alive" }), SIGN_OF_LIFE);

let work: readonly (BatchWorker | PlanningWorker)[] = [];

thread.onmessage = ({ data }) => {
  switch (data.type) {
    case "connect":
      work = data.roles.map((role) => {
        const worker = make(role, data);
        worker.onConnection = (news) => thread.postMessage({ ...news, role });
        return worker;
      });
      for (const one of work) one.connect();
      break;
    case "begin":
      Promise.all(work.map((one) => one.run(data.assignment))).then(
        () => thread.postMessage({ type: "ended" }),
        (error: unknown) => {
          thread.postMessage({ type: "crashed", message: describeCrash(error) });
        },
      );
      break;
    case "wake":
      for (const one of work) if (data.roles.includes(roleOf(one))) one.wake();
      break;
    case "avoid":
      for (const one of work) if (one instanceof BatchWorker) one.avoid(data.runs);
      break;
    case "share":
      for (const one of work) one.share();
      break;
    case "stop":
      for (const one of work) one.stop();
      break;
  }
};

function roleOf(one: BatchWorker | PlanningWorker): Role {
  return one instanceof BatchWorker ? "load" : "plan";
}

function make(role: Role, options: ToWorker & { type: "connect" }): BatchWorker | PlanningWorker {
  return role === "load"
    ? new BatchWorker({ ...options, onEvent: (event) => thread.postMessage(event) })
    : new PlanningWorker({
      ...options,
      onPlanned: (batches) => thread.postMessage({ type: "planned", batches }),
      onSettled: (ended) => thread.postMessage({ type: "settled", ended }),
    });
}
