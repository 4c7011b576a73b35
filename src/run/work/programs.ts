/** The programs of the runs that a worker has worked on lately. */
import type { Run } from "../../ledger/runs/runs.ts";
import type { RunProgram } from "../program.ts";

/** A worker alternates between few runs. Each program holds the memory of its largest batch. */
const MAX_PROGRAMS = 8;

/** By the identity of their run (`ClaimedBatch.run_identity`), never by its number alone. */
export class Programs {
  readonly #programs = new Map<string, RunProgram>();
  /** Processes of hooks that are about to end. */
  readonly #ending = new Set<Promise<void>>();
  /** Of the run that the planner of the same thread has planned last. */
  #planned: RunProgram | null = null;

  get(identity: string): RunProgram | null {
    return this.#programs.get(identity) ?? null;
  }

  keep(identity: string, program: RunProgram): void {
    this.#programs.delete(identity);
    if (this.#programs.size >= MAX_PROGRAMS) this.forget(this.#programs.keys().next().value!);
    this.#programs.set(identity, program);
  }

  forget(identity: string): void {
    const program = this.#programs.get(identity);
    this.#programs.delete(identity);
    this.#end(program);
  }

  forgetAll(): void {
    for (const program of this.#programs.values()) this.#end(program);
    this.#programs.clear();
    this.#planned = null;
  }

  /** Resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.forgetAll();
    await Promise.all(this.#ending);
  }

  #end(program: RunProgram | undefined): void {
    if (program === undefined || program.hooks === null) return;
    const ending = program.hooks.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** A planner that takes turns with the worker has no more use for this one. */
  leave(program: RunProgram): void {
    this.#planned = program;
  }

  /** Takes what the planner has left, if it is for this run as it is now. */
  take(run: Run): RunProgram | null {
    const program = this.#planned;
    this.#planned = null;
    if (program === null || program.replanned || program.keys !== run.planned_keys) return null;
    return describe(program.run) === describe(run) ? program : null;
  }
}

/** All that a program is compiled from, apart from the table. */
function describe(run: Run): string {
  const { id, created_at, definition, source, header, settings, user_id, dry_run } = run;
  return JSON.stringify([id, created_at, definition, source, header, settings, user_id, dry_run]);
}
