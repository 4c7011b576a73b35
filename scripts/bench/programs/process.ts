/** Runs a program and measures it from the outside: wall time, CPU time and peak memory. */
import { cpuOfEndedChildren } from "../profile/cpu_time.ts";

export interface Measured {
  /** From just before the start until the end. */
  readonly seconds: number;
  /** Of the process, but not of Postgres's. Null where the system doesn't tell. */
  readonly cpuSeconds: number | null;
  /** Of the process with all its threads, in MB. Null where the system doesn't tell. */
  readonly peakMegabytes: number | null;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Load = Pick<Measured, "seconds" | "cpuSeconds" | "peakMegabytes">;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds between readings of the memory. */
const LOOK_INTERVAL = 10;

/** Aborting `signal` ends the program. `look` is called with the process id while it runs. */
export async function measure(
  program: Program,
  signal: AbortSignal,
  look?: (pid: number) => void,
): Promise<Measured> {
  signal.throwIfAborted();
  const cpuBefore = await cpuOfEndedChildren("self");
  const began = performance.now();
  const child = new Deno.Command(program.command, {
    args: [...program.args],
    env: { ...program.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  let peak: number | null = null;
  // The system itself records the maximum, so only growth in the last moment can be missed.
  const timer = setInterval(() => {
    peak = readPeak(child.pid) ?? peak;
    look?.(child.pid);
  }, LOOK_INTERVAL);
  try {
    const { code, stdout, stderr } = await child.output();
    const seconds = (performance.now() - began) / 1000;
    signal.throwIfAborted();
    const cpuAfter = await cpuOfEndedChildren("self");
    const decoder = new TextDecoder();
    return {
      seconds,
      cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
      peakMegabytes: peak,
      exitCode: code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } finally {
    clearInterval(timer);
  }
}

/** The measurement, if the exit code is as expected. Otherwise throws the program's last output. */
export function finished(measured: Measured, exitCode: number, what: string): Load {
  const { seconds, cpuSeconds, peakMegabytes } = measured;
  if (measured.exitCode === exitCode) return { seconds, cpuSeconds, peakMegabytes };
  throw new Error(
    `${what} ended with ${measured.exitCode}, expected ${exitCode}: ` +
      (measured.stderr + measured.stdout).trim().split("\n").slice(-5).join("\n"),
  );
}

/** The output of a program. Null if it fails or isn't installed. */
export async function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args: [...args] }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The peak memory in MB. On Linux only. */
function readPeak(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/mu.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return found === null ? null : Number(found[1]) / 1024;
  } catch {
    return null;
  }
}
