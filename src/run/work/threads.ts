/**
 * The threads that workers run in. A thread takes 15 ms to create, which blocks the caller, and
 * another 35 ms to load its modules, on another core if there is one. A command that is going to
 * load a file starts them first, because its own modules, the connection and the run take 130 ms
 * too.
 */
import { ownModule } from "../../config/own_files.ts";
import type { Role } from "./worker_messages.ts";

const spare: Worker[] = [];

/** Starts threads for the pools of this process. Disposal ends those that no pool has taken. */
export function startThreads(count: number): Disposable {
  const started = Array.from({ length: count }, () => {
    const thread = newThread();
    // The thread created in its place reports what is wrong.
    thread.onerror = (event) => {
      event.preventDefault();
      drop(thread);
    };
    spare.push(thread);
    return thread;
  });
  return { [Symbol.dispose]: () => started.forEach(drop) };
}

/** Returns a thread that was started before, or a new one. The caller must end it. */
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
  return new Worker(ownModule("src/run/work/worker.ts"), { type: "module", name: "worker" });
}

/** A batch of 40,000 rows of 100 bytes. */
const USUAL_BATCH = 4_000_000;

/** Estimates the number of batches, before a definition says how large its batches are. */
export function guessBatches(bytes: number): number {
  return Math.ceil(bytes / USUAL_BATCH);
}

/**
 * With so few batches, whoever plans them loads some of them, too: their plan takes 0.1 s, and another
 * thread just as much processor time to start.
 */
const FEW = 4;

/** Has whoever plans so many batches the time to load some of them? */
export function areFew(batches: number): boolean {
  return batches <= FEW;
}

/**
 * The roles of the first threads. As many load as there are batches, at most `workers`. One plans: if
 * there are few batches, one of them; else another.
 */
export function initialRoles(batches: number, workers: number): readonly (readonly Role[])[] {
  const loaders = Math.max(1, Math.min(workers, batches));
  const others = (count: number) => Array.from({ length: count }, (): Role[] => ["load"]);
  return areFew(batches)
    ? [["plan", "load"], ...others(loaders - 1)]
    : [["plan"], ...others(loaders)];
}
