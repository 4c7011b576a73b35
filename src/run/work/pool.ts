/** The worker threads of this process. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { DatabaseUnreachable } from "../../db/connection_errors.ts";
import { backoff } from "../../db/sqlstate.ts";
import type { Held } from "../../ledger/batches.ts";
import { decideCrew } from "./crew.ts";
import { Shortage, type Trouble } from "./shortage.ts";
import { initialRoles, takeThread } from "./threads.ts";
import type { Assignment, FromWorker, Role, ToWorker } from "./worker_messages.ts";

export interface PoolOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  /** How many workers load batches at once. */
  readonly workers: number;
  /** It works on all runs, and says so in its workers' names: see `queued_behind`. */
  readonly ofAllRuns?: boolean;
  /** The expected number of batches; more loaders join when more are planned. Default: many. */
  readonly batches?: number;
  /**
   * How long workers may keep crashing without finishing a batch, and for how long none of them may
   * be able to use the database. Default: 30,000 milliseconds.
   */
  readonly patience?: number;
}

export interface PoolWork extends Assignment {
  onEvent(event: PoolEvent): void;
}

export type PoolEvent =
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled" }
  | { readonly type: "warning"; readonly message: string }
  /** Of one worker, which tries to connect again. */
  | {
    readonly type: "lost";
    readonly worker: string;
    readonly runId: number | null;
    readonly message: string;
  }
  | { readonly type: "back"; readonly worker: string }
  /**
   * Workers have been crashing for too long and are no longer replaced. Or none of them could use the
   * database for too long.
   */
  | { readonly type: "failed"; readonly error: WorkersCrash | DatabaseUnreachable };

/** The worker threads keep crashing; the message is one line that says why. */
export class WorkersCrash extends Error {
  override readonly name = "WorkersCrash";
}

const PATIENCE = 30_000;
/** A thread that has sent nothing for so long computes without end. In milliseconds. */
const SILENT = 10_000;
/** `balance` is called each second. */
const STOOD_STILL = 5_000;

interface Member {
  readonly roles: readonly Role[];
  readonly worker: Worker;
  readonly ended: PromiseWithResolvers<void>;
  /** As in `batches.worker`. */
  readonly where: string;
  /** When it last sent a message, as `performance.now()`. */
  heardAt: number;
  /** It was told to finish its batch and end, because the others are enough. */
  retired: boolean;
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
  /** When `balance` was last called. */
  #balancedAt = performance.now();
  #avoided = "";
  #stopping = false;
  #crashes = 0;
  /** The time of the first of these crashes, as `performance.now()`. */
  #crashingSince = 0;
  /** What was said since the last batch was done: nothing is said twice. */
  readonly #shortage: Shortage;
  readonly #said = new Set<string>();

  /** The workers connect, which takes them 20 ms, and wait for `begin`. */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#shortage = new Shortage(options.patience ?? PATIENCE, performance.now());
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
    if (stoodStill) { for (const member of this.#members) member.heardAt = now; }
    const loaders = this.#members.filter(({ roles, retired }) =>
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
    for (const member of loaders.filter(({ where }) => retire.includes(where))) {
      member.retired = true;
      post(member, { type: "stop" });
    }
    this.#avoid(avoid);
  }

  #avoid(runs: readonly number[]): void {
    const avoided = runs.join();
    if (avoided === this.#avoided) return;
    this.#avoided = avoided;
    for (const member of this.#members) post(member, { type: "avoid", runs });
  }

  /** Finishes the batches in progress and starts no others. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRespawns();
    for (const member of this.#members) post(member, { type: "stop" });
    // One that computes without end hears nothing. It ends with the process.
    const now = performance.now();
    const listening = this.#members.filter(({ heardAt }) => now - heardAt <= SILENT);
    await Promise.all(listening.map((member) => member.ended.promise));
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
    }
    this.#members.length = 0;
  }

  #join(roles: readonly Role[]): void {
    this.#spawn(roles, roles.includes("load") ? `worker ${++this.#loaders}` : "planner");
  }

  #spawn(roles: readonly Role[], name: string): void {
    const { config, schemaName } = this.#options;
    const worker = takeThread();
    const all = this.#options.ofAllRuns === true ? " of all runs" : "";
    const where = this.namePrefix + name + all;
    const member: Member = {
      roles,
      worker,
      where,
      ended: Promise.withResolvers(),
      heardAt: performance.now(),
      retired: false,
    };
    this.#members.push(member);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(member, name, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(member, name, event.message);
    };
    post(member, { type: "connect", roles, config, schemaName, name: where });
    if (this.#work !== null) this.#assign(member, this.#work);
  }

  #assign(member: Member, { onlyRun, table }: Assignment): void {
    post(member, { type: "begin", assignment: { onlyRun, table } });
  }

  #hear(member: Member, name: string, message: FromWorker): void {
    member.heardAt = performance.now();
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
      case "alive":
        return;
      case "database":
        return this.#noteDatabase(member, message.role, message.trouble);
      case "shared":
        this.#shortage.leave(placeOf(member, message.role), performance.now());
        // Those without a connection look at once.
        return this.wake();
      case "warning":
        return this.warn(message.message);
      case "lost":
        return this.#tell({ ...message, worker: name });
      case "back":
        return this.#tell({ ...message, worker: name });
      case "ended":
        if (member.retired) this.#remove(member);
        return member.ended.resolve();
      case "crashed":
        return this.#crashed(member, name, message.message);
    }
  }

  #noteDatabase(member: Member, role: Role, trouble: Trouble | null): void {
    const measures = this.#shortage.note(placeOf(member, role), trouble, performance.now());
    if (measures.warning !== null) this.#tell({ type: "warning", message: measures.warning });
    if (measures.share) { for (const each of this.#members) post(each, { type: "share" }); }
    if (measures.failure === null || this.#stopping) return;
    const error = new DatabaseUnreachable(measures.failure, { temporary: true });
    this.#tell({ type: "failed", error });
  }

  /** Tells a warning of a worker, once. */
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

  /** Its batch will be found as abandoned. After a pause, another thread replaces the member. */
  #crashed(member: Member, name: string, message: string): void {
    member.ended.resolve();
    if (!this.#remove(member) || member.retired || !this.noteCrash(message)) return;
    const respawn = setTimeout(() => {
      this.#respawns.delete(respawn);
      this.#spawn(member.roles, name);
    }, backoff(this.#crashes));
    this.#respawns.add(respawn);
  }

  /**
   * A worker of this process, or a process that works for it, could not go on. Tells that once. False
   * if it is not to be replaced.
   */
  noteCrash(message: string): boolean {
    const { patience = PATIENCE } = this.#options;
    this.warn(`A worker ended unexpectedly: ${message}`);
    if (this.#stopping) return false;
    if (this.#crashes++ === 0) this.#crashingSince = performance.now();
    if (performance.now() - this.#crashingSince <= patience) return true;
    const [reason] = message.split("\n");
    const error = new WorkersCrash(`The workers can't go on. ${reason}`);
    this.#tell({ type: "failed", error });
    return false;
  }

  #remove(member: Member): boolean {
    for (const role of member.roles) this.#shortage.leave(placeOf(member, role), performance.now());
    member.worker.terminate();
    const index = this.#members.indexOf(member);
    if (index !== -1) this.#members.splice(index, 1);
    return index !== -1;
  }

  #cancelRespawns(): void {
    for (const respawn of this.#respawns) clearTimeout(respawn);
    this.#respawns.clear();
  }
}

/** A thread may have two workers, each with a connection. */
function placeOf({ where }: Member, role: Role): string {
  return `${where} ${role}`;
}

function post(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}
