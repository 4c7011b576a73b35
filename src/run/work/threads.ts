/**
 * The threads that workers run in. One takes 15 ms to make, in which the caller stands still, and
 * another 35 to load its modules, on another core where there is one. A command that is going to
 * load a file starts them before anything else: its own modules, the connection and the run take
 * 130 ms, too.
 */
import type { Role } from "./worker_messages.ts";

const spare: Worker[] = [];

/** Starts threads for the pools of this process. Disposed of, it ends those that none has taken. */
export function startThreads(count: number): Disposable {
  const started = Array.from({ length: count }, () => {
    const thread = newThread();
    // Whoever makes one in its place hears what is wrong.
    thread.onerror = (event) => {
      event.preventDefault();
      drop(thread);
    };
    spare.push(thread);
    return thread;
  });
  return { [Symbol.dispose]: () => started.forEach(drop) };
}

/** One that was started before, or a new one; whoever takes it ends it. */
export function takeThread(): Worker {
  return spare.shift() ?? newThread();
}

function drop(thread: Worker): void {
  const index = spare.indexOf(thread);
  if (index === -1) return;
  spare.splice(index, 1);
  thread.terminate();
}

function newThread(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "worker" });
}

/** A batch of 20,000 rows of 100 bytes. */
const USUAL_BATCH = 2_000_000;

/** How many batches so many bytes are, before a definition says how large its batches are. */
export function guessBatches(bytes: number): number {
  return Math.ceil(bytes / USUAL_BATCH);
}

/**
 * Which threads to begin with: one that plans and loads where there is one batch, else one that
 * plans and as many that load as there are batches.
 */
export function initialRoles(batches: number, workers: number): readonly (readonly Role[])[] {
  if (batches <= 1) return [["plan", "load"]];
  const loaders = Math.min(workers, batches);
  return [["plan"], ...Array.from({ length: loaders }, (): Role[] => ["load"])];
}
