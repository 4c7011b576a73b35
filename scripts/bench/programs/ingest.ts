/** Our own program: as a process to measure, and as one that runs during a measurement. */
import { fileURLToPath } from "node:url";
import type { RunReport } from "../../../src/report/report_schema.ts";
import type { Verification } from "../../../src/run/verify/findings.ts";
import { RUNTIME_FLAGS } from "../../runtime_flags.ts";
import type { BenchDatabase } from "../server.ts";
import { finished, type Load, measure, type Measured, type Program } from "./process.ts";

/** The counts that a run must report. Those that are missing must be 0. */
export interface Expected {
  readonly created?: number;
  readonly updated?: number;
  readonly skipped?: number;
  readonly failed?: number;
  readonly deleted?: number;
}

export interface IngestOptions {
  /** The compiled program. Null: run from source. */
  readonly binary: string | null;
  /** For commands that load. Null: the program's default. */
  readonly workers: number | null;
  /** INGEST_HOME. */
  readonly home: string;
}

/** How to run and observe it. */
export interface Inspection {
  readonly denoFlags: readonly string[];
  /** Beside its own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the process id while it runs. */
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

  /**
   * `denoFlags`: for the runtime. The compiled program takes none, so it is then run from source.
   */
  program(args: readonly string[], denoFlags: readonly string[] = []): Program {
    const { binary, home } = this.#options;
    const env = { INGEST_HOME: home };
    if (binary !== null && denoFlags.length === 0) return { command: binary, args, env };
    const own = ["run", ...denoFlags, ...RUNTIME_FLAGS, `--config=${ROOT}deno.json`];
    return { command: Deno.execPath(), args: [...own, `${ROOT}main.ts`, ...args], env };
  }

  /** Starts a command that keeps running while others are measured. */
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

  /** Measures any command, from process start to end. Throws if its exit code isn't 0. */
  async command(args: readonly string[]): Promise<Measured> {
    const measured = await measure(this.program(args), this.#signal);
    finished(measured, 0, `ingest ${args[0]}`);
    return measured;
  }

  /** Measures `verify`. Throws if not all of the run's rows are as written. */
  async verify(database: BenchDatabase, run: number, rows: number): Promise<Load> {
    const { workers } = this.#options;
    const args = ["verify", String(run), "--database-url", database.url, "--json", "--quiet"];
    const all = workers === null ? args : [...args, "--workers", String(workers)];
    const measured = await measure(this.program(all), this.#signal);
    const load = finished(measured, 0, "ingest verify");
    const { data }: { data: Verification } = JSON.parse(measured.stdout);
    if (data.rows.as_written === rows) return load;
    throw new Error(`ingest verify: ${data.rows.as_written} rows as written, expected ${rows}`);
  }

  /**
   * Measures `run`, `retry` or `undo`, from process start to end. Throws if it fails or if its counts are
   * not as expected.
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
    const { denoFlags, environment, look } = inspection;
    const program = this.program(all, denoFlags);
    const env = { ...program.env, ...environment };
    const measured = await measure({ ...program, env }, this.#signal, look);
    const what = `ingest ${args.slice(0, 2).join(" ")}`;
    const load = finished(measured, (expected.failed ?? 0) > 0 ? 3 : 0, what);
    const { data }: { data: RunReport } = JSON.parse(measured.stdout);
    const wanted = { created: 0, updated: 0, skipped: 0, failed: 0, deleted: 0, ...expected };
    for (const name of ["created", "updated", "skipped", "failed", "deleted"] as const) {
      if (data.progress[name] === wanted[name]) continue;
      throw new Error(`${what}: ${data.progress[name]} rows ${name}, expected ${wanted[name]}`);
    }
    return load;
  }
}
