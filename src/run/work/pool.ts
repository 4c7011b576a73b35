/** The worker threads of this process. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { backoff } from "../../db/sqlstate.ts";
import { initialRoles, takeThread } from "./threads.ts";
import type { Assignment, FromWorker, Role, ToWorker, WorkerMode } from "./worker_messages.ts";

export interface PoolOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  /** How many workers load batches at once. */
  readonly workers: number;
  /** The expected number of batches; more loaders join when more are planned. Default: many. */
  readonly batches?: number;
  /** How long workers may keep crashing without finishing a batch. Default: 30,000 milliseconds. */
  readonly patience?: number;
}

export interface PoolWork extends Assignment {
  onEvent(event: PoolEvent): void;
}

export type PoolEvent =
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled" }
  | { readonly type: "warning"; readonly message: string }
  /** Workers have been crashing for too long and are no longer replaced. */
  | { readonly type: "failed"; readonly error: WorkersCrash };

/** The worker threads keep crashing; the message is one line that says why. */
export class WorkersCrash extends Error {
  override readonly name = "WorkersCrash";
}

const PATIENCE = 30_000;

interface Member {
  readonly roles: readonly Role[];
  readonly worker: Worker;
  readonly ended: PromiseWithResolvers<void>;
  /** Set while `switchTo` waits for the worker to find nothing to do in a mode. */
  idle: { readonly mode: WorkerMode; readonly reached: PromiseWithResolvers<void> } | null;
}

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #members: Member[] = [];
  /** How many loaders have joined so far, including crashed ones that are yet to be replaced. */
  #loaders = 0;
  readonly #respawns = new Set<ReturnType<typeof setTimeout>>();
  #work: PoolWork | null = null;
  /** How many batches are planned, as far as is known. */
  #planned = 0;
  #rescuing = false;
  #stopping = false;
  #crashes = 0;
  /** The time of the first of these crashes, in milliseconds since 1970. */
  #crashingSince = 0;
  /** What was said since the last batch was done: nothing is said twice. */
  readonly #said = new Set<string>();

  /** The workers connect, which takes them 20 ms, and wait for `begin`. */
  constructor(options: PoolOptions) {
    this.#options = options;
    const { workers, batches = Infinity } = options;
    for (const roles of initialRoles(batches, workers)) this.#join(roles);
  }

  /** Call it once. */
  begin(work: PoolWork): void {
    this.#work = work;
    for (const member of this.#members) this.#assign(member, work);
  }

  /** There may be something to do: the workers look at once. */
  wake(): void {
    this.#wake("plan", "load");
  }

  #wake(...roles: readonly Role[]): void {
    for (const member of this.#members) post(member, { type: "wake", roles });
  }

  /**
   * Rescues batches whose holders died, one at a time and with no other batch in progress in this
   * process. A batch that kills the process then takes no other batch down with it.
   */
  async rescue(): Promise<void> {
    this.#rescuing = true;
    const loaders = this.#members.filter((member) => member.roles.includes("load"));
    await Promise.all(loaders.map((member) => switchTo(member, "paused")));
    // A member that has crashed meanwhile would never answer.
    const first = loaders.find((member) => this.#members.includes(member));
    if (first !== undefined) await switchTo(first, "rescued");
    for (const member of loaders) post(member, { type: "mode", mode: "fresh" });
    this.#rescuing = false;
    this.#grow();
  }

  /** Finishes the batches in progress and starts no others. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRespawns();
    for (const member of this.#members) post(member, { type: "stop" });
    await Promise.all(this.#members.map((member) => member.ended.promise));
    this.terminate();
  }

  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Ends the threads at once; Postgres rolls back the batches in progress. */
  terminate(): void {
    this.#stopping = true;
    this.#cancelRespawns();
    for (const member of this.#members) {
      member.worker.terminate();
      member.ended.resolve();
      member.idle?.reached.resolve();
    }
    this.#members.length = 0;
  }

  #join(roles: readonly Role[]): void {
    this.#spawn(roles, roles.includes("load") ? `worker ${++this.#loaders}` : "planner");
  }

  #spawn(roles: readonly Role[], name: string): void {
    const { config, schemaName } = this.#options;
    const worker = takeThread();
    const member: Member = { roles, worker, ended: Promise.withResolvers(), idle: null };
    this.#members.push(member);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(member, name, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(member, name, event.message);
    };
    const where = `${Deno.hostname()} ${Deno.pid} ${name}`;
    post(member, { type: "connect", roles, config, schemaName, name: where });
    if (this.#work !== null) this.#assign(member, this.#work);
  }

  #assign(member: Member, { onlyRun, table }: Assignment): void {
    post(member, { type: "begin", assignment: { onlyRun, table } });
  }

  #hear(member: Member, name: string, message: FromWorker): void {
    switch (message.type) {
      case "batch":
        this.#crashes = 0;
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
        if (member.idle?.mode === message.mode) member.idle.reached.resolve();
        return;
      case "warning":
        return this.#warn(message.message);
      case "ended":
        return member.ended.resolve();
      case "crashed":
        return this.#crashed(member, name, message.message);
    }
  }

  #warn(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#tell({ type: "warning", message });
  }

  #tell(event: PoolEvent): void {
    this.#work?.onEvent(event);
  }

  /** Adds loaders if there are more batches than were expected. */
  #grow(): void {
    if (this.#stopping || this.#rescuing) return;
    const { workers } = this.#options;
    while (this.#loaders < Math.min(workers, this.#planned)) this.#join(["load"]);
  }

  /** Its batch will be found as abandoned. After a pause, another thread replaces the member. */
  #crashed(member: Member, name: string, message: string): void {
    member.worker.terminate();
    member.ended.resolve();
    member.idle?.reached.resolve();
    const index = this.#members.indexOf(member);
    if (index === -1) return;
    this.#members.splice(index, 1);
    const { patience = PATIENCE } = this.#options;
    this.#warn(`A worker ended unexpectedly: ${message}`);
    if (this.#stopping) return;
    if (this.#crashes++ === 0) this.#crashingSince = Date.now();
    if (Date.now() - this.#crashingSince > patience) {
      const [reason] = message.split("\n");
      const error = new WorkersCrash(`The workers can't go on. ${reason}`);
      return this.#tell({ type: "failed", error });
    }
    const respawn = setTimeout(() => {
      this.#respawns.delete(respawn);
      this.#spawn(member.roles, name);
    }, backoff(this.#crashes));
    this.#respawns.add(respawn);
  }

  #cancelRespawns(): void {
    for (const respawn of this.#respawns) clearTimeout(respawn);
    this.#respawns.clear();
  }
}

function post(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}

/** Resolves when the worker has nothing left to do in the mode. */
async function switchTo(member: Member, mode: WorkerMode): Promise<void> {
  const reached = Promise.withResolvers<void>();
  member.idle = { mode, reached };
  post(member, { type: "mode", mode });
  await reached.promise;
  member.idle = null;
}
