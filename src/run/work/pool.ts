/** The worker threads of this process. */
import { DatabaseUnreachable } from "../../db/connection_errors.ts";
import type { Held } from "../../ledger/batches/batches.ts";
import { Crashes } from "./crashes.ts";
import { decideCrew } from "./crew.ts";
import { endedOrSilent } from "./ended_or_silent.ts";
import type { PoolEvent } from "./pool_event.ts";
import type { PoolOptions } from "./pool_options.ts";
import { PoolThread } from "./pool_thread.ts";
import { Shortage, type Trouble } from "./shortage.ts";
import { initialRoles } from "./threads.ts";
import type { Assignment, FromWorker, Role } from "./worker_messages.ts";

export interface PoolWork extends Assignment {
  onEvent(event: PoolEvent): void;
}

const PATIENCE = 30_000;
/** A thread that has sent nothing for so long computes without end. In milliseconds. */
const SILENT = 10_000;
/** `balance` is called each second. */
const STOOD_STILL = 5_000;

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #threads: PoolThread[] = [];
  /** How many loaders have joined so far, including crashed ones that are yet to be replaced. */
  #loaders = 0;
  readonly #respawns = new Set<ReturnType<typeof setTimeout>>();
  #work: PoolWork | null = null;
  /** How many batches are planned, as far as is known. */
  #planned = 0;
  /** When `balance` was last called. */
  #balancedAt = performance.now();
  #avoided = "";
  #stopping = false;
  readonly #crashes: Crashes;
  readonly #shortage: Shortage;
  /** What was said since the last batch was done: nothing is said twice. */
  readonly #said = new Set<string>();

  /** The workers connect, which takes them 20 ms, and wait for `begin`. */
  constructor(options: PoolOptions) {
    this.#options = options;
    const { workers, batches = Infinity, patience = PATIENCE, here = false } = options;
    this.#crashes = new Crashes(patience);
    this.#shortage = new Shortage(patience, performance.now());
    const [first, ...others] = initialRoles(batches, workers);
    this.#join(first, here);
    for (const roles of others) this.#join(roles);
  }

  /** Call it once. */
  begin(work: PoolWork): void {
    this.#work = work;
    for (const thread of this.#threads) thread.begin(work);
  }

  /** There may be something to do: the workers look at once. */
  wake(): void {
    this.#wake("plan", "load");
  }

  #wake(...roles: readonly Role[]): void {
    for (const thread of this.#threads) thread.post({ type: "wake", roles });
  }

  /** How the names of this process's workers begin. */
  get namePrefix(): string {
    return `${Deno.hostname()} ${Deno.pid} `;
  }

  /**
   * To be called regularly with what the workers are doing. While some of them wait for a lock in the
   * database, or compute without end, others take their places.
   */
  balance(held: readonly Held[]): void {
    if (this.#stopping || this.#work?.onlyRun !== null) return;
    const now = performance.now();
    // This process itself stood still, so it has heard nobody.
    const stoodStill = now - this.#balancedAt > STOOD_STILL;
    this.#balancedAt = now;
    if (stoodStill) { for (const thread of this.#threads) thread.heardAt = now; }
    const loaders = this.#threads.filter(({ roles, retired }) =>
      roles.includes("load") && !retired
    );
    const { join, retire, avoid } = decideCrew(
      loaders.map(({ where, heardAt }) => {
        const batch = held.find(({ worker }) => worker === where);
        const isSilent = now - heardAt > SILENT;
        return { where, run: batch?.run ?? null, heldUp: isSilent || batch?.waits === true };
      }),
      { workers: this.#options.workers, known: this.#loaders, planned: this.#planned },
    );
    for (let i = 0; i < join; i++) this.#join(["load"]);
    for (const thread of loaders) if (retire.includes(thread.where)) thread.retire();
    this.#avoid(avoid);
  }

  #avoid(runs: readonly number[]): void {
    const avoided = runs.join();
    if (avoided === this.#avoided) return;
    this.#avoided = avoided;
    for (const thread of this.#threads) thread.post({ type: "avoid", runs });
  }

  /** Finishes the batches in progress and starts no others. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRespawns();
    for (const thread of this.#threads) thread.post({ type: "stop" });
    await Promise.all(this.#threads.map((thread) => endedOrSilent(thread)));
    this.terminate();
  }

  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Ends the threads at once; Postgres rolls back the batches in progress. */
  terminate(): void {
    this.#stopping = true;
    this.#cancelRespawns();
    for (const thread of this.#threads) thread.terminate();
    this.#threads.length = 0;
  }

  #join(roles: readonly Role[], here?: boolean): void {
    this.#spawn(roles, roles.includes("load") ? `worker ${++this.#loaders}` : "planner", here);
  }

  #spawn(roles: readonly Role[], name: string, here = false): void {
    const { config, schemaName, ofAllRuns = false, lent } = this.#options;
    const thread = new PoolThread({
      config,
      schemaName,
      roles,
      name,
      here,
      lent: lent ?? null,
      where: this.namePrefix + name + (ofAllRuns ? " of all runs" : ""),
      hear: (thread, message) => this.#hear(thread, message),
    });
    this.#threads.push(thread);
    if (this.#work !== null) thread.begin(this.#work);
  }

  #hear(thread: PoolThread, message: FromWorker): void {
    thread.heardAt = performance.now();
    switch (message.type) {
      case "batch":
        this.#crashes.forget();
        this.#said.clear();
        return;
      case "planned":
        this.#wake("load");
        this.#planned = message.batches;
        return this.#grow();
      case "settled":
        // If the only run of this process has ended, there is nothing left to wake for.
        if (!message.ended || this.#work?.onlyRun === null) this.wake();
        return this.#tell({ type: "settled" });
      case "idle":
      case "left":
      case "alive":
        return;
      case "database":
        return this.#noteDatabase(thread, message.role, message.trouble);
      case "shared":
        this.#shortage.leave(placeOf(thread, message.role), performance.now());
        // Those without a connection look at once.
        return this.wake();
      case "warning":
        return this.warn(message.message);
      case "lost":
      case "back":
        return this.#tell({ ...message, worker: thread.name });
      case "ended":
        if (thread.retired) this.#remove(thread);
        return thread.noteEnd();
      case "crashed":
        return this.#crashed(thread, message.message);
    }
  }

  #noteDatabase(thread: PoolThread, role: Role, trouble: Trouble | null): void {
    const measures = this.#shortage.note(placeOf(thread, role), trouble, performance.now());
    if (measures.warning !== null) this.warn(measures.warning);
    if (measures.share) {
      for (const each of this.#threads) each.post({ type: "share" });
      this.#tell({ type: "full" });
    }
    if (measures.failure === null || this.#stopping) return;
    const error = new DatabaseUnreachable(measures.failure, { temporary: true });
    this.#tell({ type: "failed", error });
  }

  /** Tells a warning of a worker, or of a process that works for it, once. */
  warn(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#tell({ type: "warning", message });
  }

  #tell(event: PoolEvent): void {
    this.#work?.onEvent(event);
  }

  /** Adds loaders if there are more batches than were expected. */
  #grow(): void {
    if (this.#stopping) return;
    const { workers } = this.#options;
    while (this.#loaders < Math.min(workers, this.#planned)) this.#join(["load"]);
  }

  /** Its batch will be found as abandoned. After a pause, another thread takes its place. */
  #crashed(thread: PoolThread, message: string): void {
    if (!this.#remove(thread) || thread.retired || !this.noteCrash(message)) return;
    const respawn = setTimeout(() => {
      this.#respawns.delete(respawn);
      this.#spawn(thread.roles, thread.name);
    }, this.#crashes.pause);
    this.#respawns.add(respawn);
  }

  /**
   * A worker of this process, or a process that works for it, could not go on. Tells that once. False
   * if it is not to be replaced.
   */
  noteCrash(message: string): boolean {
    this.warn(`A worker ended unexpectedly: ${message}`);
    if (this.#stopping) return false;
    const error = this.#crashes.note(message, performance.now());
    if (error !== null) this.#tell({ type: "failed", error });
    return error === null;
  }

  /** False if it was removed before. */
  #remove(thread: PoolThread): boolean {
    for (const role of thread.roles) this.#shortage.leave(placeOf(thread, role), performance.now());
    thread.terminate();
    const index = this.#threads.indexOf(thread);
    if (index !== -1) this.#threads.splice(index, 1);
    return index !== -1;
  }

  #cancelRespawns(): void {
    for (const respawn of this.#respawns) clearTimeout(respawn);
    this.#respawns.clear();
  }
}

/** A thread may have two workers, each with a connection. */
function placeOf({ where }: PoolThread, role: Role): string {
  return `${where} ${role}`;
}
