/** The programs of the runs that a worker has worked on lately. */
import type { RunProgram } from "../program.ts";

/** A worker alternates between few runs. Each program holds the memory of its largest batch. */
const MAX_PROGRAMS = 8;

/** By the identity of their run (`ClaimedBatch.run_identity`), never by its number alone. */
export class Programs {
  readonly #programs = new Map<string, RunProgram>();

  get(identity: string): RunProgram | null {
    return this.#programs.get(identity) ?? null;
  }

  keep(identity: string, program: RunProgram): void {
    this.#programs.delete(identity);
    if (this.#programs.size >= MAX_PROGRAMS) this.forget(this.#programs.keys().next().value!);
    this.#programs.set(identity, program);
  }

  forget(identity: string): void {
    this.#programs.delete(identity);
  }

  forgetAll(): void {
    this.#programs.clear();
  }
}
