/** Where a command's output goes: results to stdout, everything else to stderr. */
import { setTimeout } from "node:timers/promises";
import { BrokenPipe, OutputFailed } from "./command_errors.ts";
import { jsonText } from "../observe/json_text.ts";
import { describeSystemError } from "./system_error.ts";
import { type Colours, wantedColours } from "./colours.ts";
import { COLOURED, PLAIN, type Style } from "./render/style.ts";
import { cleanColouredLine, cleanLine } from "./render/terminal_text.ts";

export interface Stream {
  /** Throws BrokenPipe when nobody reads any more, and OutputFailed. */
  write(content: string | Uint8Array): void;
  /** The same, but nothing else waits while nobody reads. */
  writeLater(text: string): Promise<void>;
  /** The terminal's size; null if this is not a terminal. */
  size(): { readonly columns: number; readonly rows: number } | null;
}

/** Width without a terminal: wide enough that nothing is wrapped or cut. */
const UNBOUNDED = 10_000;

export class Output {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly #colours: Colours;

  constructor(stdout: Stream, stderr: Stream, colours: Colours) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#colours = colours;
  }

  /** A line of the result; it may have our own colours. */
  print(line: string): void {
    this.printAll([line]);
  }

  printAll(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.stdout.write(lines.map((line) => `${cleanColouredLine(line)}\n`).join(""));
  }

  /** Part of a file. It is exact, unless somebody looks at it. */
  file(content: string | Uint8Array): void {
    const shown = this.stdout.size() === null
      ? content
      : asText(content).split("\n").map((line) => cleanLine(line.replace(/\r$/u, ""))).join("\n");
    this.stdout.write(shown);
  }

  /** The one document that `--json` prints. */
  json(value: unknown): void {
    this.stdout.write(`${jsonText(value, 2)}\n`);
  }

  /**
   * A line that is not part of the result. If nobody reads it, nothing changes. It stays one line,
   * whatever is in it.
   */
  note(line: string): void {
    writeQuietly(this.stderr, `${cleanLine(line)}\n`);
  }

  styleOf(stream: Stream): Style {
    const coloured = this.#colours === "always" ||
      (this.#colours === "terminals" && stream.size() !== null);
    return coloured ? COLOURED : PLAIN;
  }

  /** For lists on stdout. Null `width`: nothing is cut, because a program reads it. */
  listFrame(): { readonly width: number | null; readonly style: Style } {
    return { width: this.stdout.size()?.columns ?? null, style: this.styleOf(this.stdout) };
  }

  widthOf(stream: Stream): number {
    return stream.size()?.columns ?? UNBOUNDED;
  }
}

function asText(content: string | Uint8Array): string {
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/**
 * For stderr: neither a closed terminal nor a full disk must keep a run from being loaded, or from
 * being cancelled properly.
 */
export function writeQuietly(stream: Stream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    // There is nowhere else to report it.
    if (!(error instanceof BrokenPipe || error instanceof OutputFailed)) throw error;
  }
}

/**
 * The process's own streams. A dumb terminal counts as none: it can't be drawn on. `args`: of the
 * command.
 */
export function processOutput(args: readonly string[]): Output {
  const dumb = Deno.env.get("TERM") === "dumb";
  const colours = wantedColours(args, (name) => Deno.env.get(name));
  return new Output(toStream(Deno.stdout, dumb), toStream(Deno.stderr, dumb), colours);
}

function toStream(target: typeof Deno.stdout, dumb: boolean): Stream {
  const encoder = new TextEncoder();
  const drawable = !dumb && target.isTerminal();
  return {
    write(content) {
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      for (let at = 0; at < bytes.length;) at += writeSome(target, bytes.subarray(at));
    },
    async writeLater(text) {
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length;) at += await writeSomeLater(target, bytes.subarray(at));
    },
    size() {
      if (!drawable) return null;
      try {
        const { columns, rows } = Deno.consoleSize();
        // A terminal that doesn't know its size reports 0.
        return { columns: columns || 80, rows: rows || 24 };
      } catch {
        return { columns: 80, rows: 24 };
      }
    },
  };
}

/** Milliseconds until a full pipe is tried again. */
const FULL_PIPE_PAUSE = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

async function writeSomeLater(target: typeof Deno.stdout, bytes: Uint8Array): Promise<number> {
  try {
    return await target.write(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    await setTimeout(FULL_PIPE_PAUSE);
    return 0;
  }
}

function writeSome(target: typeof Deno.stdout, bytes: Uint8Array): number {
  try {
    return target.writeSync(bytes);
  } catch (error) {
    // The pipe is full, and another process has made it non-blocking.
    if (error instanceof Deno.errors.WouldBlock) {
      Atomics.wait(sleeper, 0, 0, FULL_PIPE_PAUSE);
      return 0;
    }
    const gone = error instanceof Deno.errors.BrokenPipe ||
      // EIO: the terminal was closed.
      (error instanceof Error && "code" in error && error.code === "EIO") ||
      (error instanceof Error && /os error 5\)/u.test(error.message));
    if (gone) throw new BrokenPipe("nobody reads the output", { cause: error });
    const reason = (error instanceof Error ? describeSystemError(error) : null) ??
      `Cannot go on: ${String(error)}`;
    throw new OutputFailed(reason.replace("Cannot go on", "Cannot write the output"), {
      cause: error,
    });
  }
}
