/** Our own program: as a process that is measured, and as one that serves meanwhile. */
import { fileURLToPath } from "node:url";
import type { RunReport } from "../../../src/report/report_schema.ts";
import { RUNTIME_FLAGS } from "../../runtime_flags.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, type Measured, type Program } from "./process.ts";

/** How many rows a run has to report as what; the others are 0. */
export interface Expected {
  readonly created?: number;
  readonly updated?: number;
  readonly skipped?: number;
  readonly failed?: number;
}

export interface IngestOptions {
  /** The compiled program; null: from source. */
  readonly binary: string | null;
  /** For commands that load; null: as many as it takes by itself. */
  readonly workers: number | null;
  /** Its own folder. */
  readonly home: string;
}

/** How a run is looked at from close by. */
export interface Inspection {
  readonly denoFlags: readonly string[];
  /** Called with its process's number while it runs. */
  look?(pid: number): void;
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export class Ingest {
  readonly #options: IngestOptions;
  readonly #signal: AbortSignal;

  constructor(options: IngestOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** `denoFlags`: for the runtime. The compiled program takes none: then it is run from source. */
  program(args: readonly string[], denoFlags: readonly string[] = []): Program {
    const { binary, home } = this.#options;
    const env = { INGEST_HOME: home };
    if (binary !== null && denoFlags.length === 0) return { command: binary, args, env };
    const own = ["run", ...denoFlags, ...RUNTIME_FLAGS, `--config=${ROOT}deno.json`];
    return { command: Deno.execPath(), args: [...own, `${ROOT}main.ts`, ...args], env };
  }

  /** Starts a command that goes on while others are measured. */
  start(args: readonly string[], stderr: "null" | "piped" = "null"): Deno.ChildProcess {
    const program = this.program(args);
    return new Deno.Command(program.command, {
      args: [...program.args],
      env: { ...program.env },
      stdin: "null",
      stdout: "null",
      stderr,
      signal: this.#signal,
    }).spawn();
  }

  /** Any command, from the start of its process to the end. Throws if it doesn't end with 0. */
  async command(args: readonly string[]): Promise<Measured> {
    const measured = await measure(this.program(args), this.#signal);
    finished(measured, 0, `ingest ${args[0]}`);
    return measured;
  }

  /**
   * `run` or `retry`, from the start of its process to the end. Throws if it fails, or counts
   * otherwise than expected.
   */
  async load(
    database: BenchDatabase,
    args: readonly string[],
    expected: Expected,
    inspection: Inspection = { denoFlags: [] },
  ): Promise<Load> {
    const { workers } = this.#options;
    const all = [
      ...args,
      ...["--database-url", database.url, "--json", "--quiet"],
      ...(workers === null || args.includes("--workers") ? [] : ["--workers", String(workers)]),
    ];
    const { denoFlags, look } = inspection;
    const measured = await measure(this.program(all, denoFlags), this.#signal, look);
    const what = `ingest ${args.slice(0, 2).join(" ")}`;
    const load = finished(measured, (expected.failed ?? 0) > 0 ? 3 : 0, what);
    const { data }: { data: RunReport } = JSON.parse(measured.stdout);
    const wanted = { created: 0, updated: 0, skipped: 0, failed: 0, ...expected };
    for (const name of ["created", "updated", "skipped", "failed"] as const) {
      if (data.progress[name] === wanted[name]) continue;
      throw new Error(`${what}: ${data.progress[name]} rows ${name}, expected ${wanted[name]}`);
    }
    return load;
  }
}
