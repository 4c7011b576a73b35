/** Entry point of the worker threads. */
import { Roles } from "./roles.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

interface Thread {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}
const thread = self as unknown as Thread;

const roles = new Roles((message) => thread.postMessage(message));
thread.onmessage = ({ data }) => roles.hear(data);
