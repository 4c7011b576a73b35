/** Runs a program and measures it from the outside: wall time and the most memory it had. */

export interface Measured {
  /** From before it is started until it has ended. */
  readonly seconds: number;
  /** Of the process with all its threads, in MB; null where the system doesn't tell. */
  readonly peakMegabytes: number | null;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Load = Pick<Measured, "seconds" | "peakMegabytes">;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds between looks at the memory. */
const LOOK_INTERVAL = 10;

/** Aborting `signal` ends the program. `look` is called with its process's number while it runs. */
export async function measure(
  program: Program,
  signal: AbortSignal,
  look?: (pid: number) => void,
): Promise<Measured> {
  signal.throwIfAborted();
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
  // The system keeps the maximum itself, so that only growth in the last moment can be missed.
  const timer = setInterval(() => {
    peak = readPeak(child.pid) ?? peak;
    look?.(child.pid);
  }, LOOK_INTERVAL);
  try {
    const { code, stdout, stderr } = await child.output();
    const seconds = (performance.now() - began) / 1000;
    signal.throwIfAborted();
    const decoder = new TextDecoder();
    return {
      seconds,
      peakMegabytes: peak,
      exitCode: code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } finally {
    clearInterval(timer);
  }
}

/** What was measured, if the program ended as it should. Throws what it said last if not. */
export function finished(measured: Measured, exitCode: number, what: string): Load {
  const { seconds, peakMegabytes } = measured;
  if (measured.exitCode === exitCode) return { seconds, peakMegabytes };
  throw new Error(
    `${what} ended with ${measured.exitCode}, expected ${exitCode}: ` +
      (measured.stderr + measured.stdout).trim().split("\n").slice(-5).join("\n"),
  );
}

/** What a program prints; null if there is no such program. */
export async function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args: [...args] }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Linux only. */
function readPeak(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/mu.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return found === null ? null : Number(found[1]) / 1024;
  } catch {
    return null;
  }
}
