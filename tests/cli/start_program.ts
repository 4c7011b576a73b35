/**
 * Runs the real program, as users do: from source, or the compiled one that INGEST_TEST_BINARY
 * names (`deno task test:binary`).
 */
import { fileURLToPath } from "node:url";
import { RUNTIME_FLAGS } from "../../scripts/runtime_flags.ts";
import type { TestDatabase } from "../support/database.ts";

const BINARY = Deno.env.get("INGEST_TEST_BINARY");

/** For tests that only apply to one of the two: `ignore: COMPILED`. */
export const COMPILED = BINARY !== undefined;

/** The program and its own arguments; a command's come after them. */
export const PROGRAM: readonly [string, ...string[]] = BINARY !== undefined ? [BINARY] : [
  Deno.execPath(),
  ...["run", "--no-check", "--quiet", ...RUNTIME_FLAGS],
  fileURLToPath(new URL("../../main.ts", import.meta.url)),
];

/** Variables of the caller's environment that would name a database or change the output. */
const FORGOTTEN = [
  "DATABASE_URL",
  "INGEST_EMBEDDED",
  "PGHOST",
  "PGHOSTADDR",
  "PGPORT",
  "PGDATABASE",
];

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves when stderr contains the text; rejects if the program ends without printing it. */
  says(text: string): Promise<void>;
  /** Its stderr so far. */
  heard(): string;
  readonly pid: number;
  /** Nothing happens if it has ended by itself meanwhile. */
  kill(signal: Deno.Signal): void;
  readonly ended: Promise<Ended>;
}

export interface ProgramOptions {
  readonly database?: Pick<TestDatabase, "url">;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** A line of `sh` that is run first, in the same process: limits, for example. */
  readonly after?: string;
}

export function ingest(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return startIngest(args, options).ended;
}

export function startIngest(args: readonly string[], options: ProgramOptions = {}): Running {
  const [program, ...own] = options.after === undefined
    ? PROGRAM
    : ["sh", "-c", `${options.after}; exec "$@"`, "sh", ...PROGRAM];
  const child = new Deno.Command(program, {
    args: [...own, ...args],
    clearEnv: true,
    env: environmentOf(options),
    cwd: options.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Listener();
  const ended = (async () => {
    const [status, stdout] = await Promise.all([
      child.status,
      new Response(child.stdout).text(),
      stderr.listen(child.stderr),
      feed(child.stdin, options.stdin ?? ""),
    ]);
    return { code: status.code, stdout, stderr: stderr.heard };
  })();
  return {
    pid: child.pid,
    says: (text) => stderr.hear(text),
    heard: () => stderr.heard,
    kill: (signal) => signalTo(child, signal),
    ended,
  };
}

function signalTo(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // Its end is known to Deno, or only to the system.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

export function environmentOf({ database, env }: ProgramOptions): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !FORGOTTEN.includes(name));
  return {
    ...Object.fromEntries(inherited),
    INGEST_USER: "tester",
    ...(database && { DATABASE_URL: database.url }),
    ...env,
  };
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (text !== "") await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    // A program that doesn't read its input may have ended before the input is written.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Collects what a program prints. */
export class Listener {
  heard = "";
  #done = false;
  #waiting: {
    text: string;
    from: number;
    resolve: () => void;
    reject: (error: Error) => void;
  }[] = [];

  async listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.heard += text;
      this.#look();
    }
    this.#done = true;
    this.#look();
  }

  /** `from`: what came before doesn't count. */
  hear(text: string, from = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, from, resolve, reject });
      this.#look();
    });
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ text, from, resolve, reject }) => {
      if (this.heard.includes(text, from)) resolve();
      else if (this.#done) reject(new Error(`never said ${JSON.stringify(text)}: ${this.heard}`));
      else return true;
      return false;
    });
  }
}
