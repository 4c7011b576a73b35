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

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds between looks at the memory. */
const LOOK_INTERVAL = 10;

/** Aborting `signal` ends the program. */
export async function measure(program: Program, signal: AbortSignal): Promise<Measured> {
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
  const timer = setInterval(() => peak = readPeak(child.pid) ?? peak, LOOK_INTERVAL);
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

/** Linux only. */
function readPeak(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/mu.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return found === null ? null : Number(found[1]) / 1024;
  } catch {
    return null;
  }
}
