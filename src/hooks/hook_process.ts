/** The process in which a run's hooks are, as its worker sees it. */
import { TextLineStream } from "../config/text_lines.ts";
import type {
  ColumnsDone,
  Ending,
  FromHooks,
  HooksPlace,
  Limits,
  RowsDone,
  RunFacts,
  SentChildren,
  SentRow,
  ToHooks,
  Uses,
} from "./messages.ts";
import { ownProgram } from "./own_program.ts";

/** The hooks can't be used at all: their file is missing, is wrong, or has changed. */
export class HooksUnusable extends Error {
  override readonly name = "HooksUnusable";
  constructor(message: string, readonly changed: boolean) {
    super(message);
  }
}

/** The process has ended in the middle of a batch, which can't go on. */
export class HooksEnded extends Error {
  override readonly name = "HooksEnded";
  constructor(readonly ending: Ending) {
    super(ending.message);
  }
}

export interface Loaded {
  readonly uses: Uses;
  readonly checksum: string;
}

type Answer = Extract<FromHooks, { readonly id: number }>;
export type Execute = (text: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>;

export interface HookProcessOptions {
  readonly place: HooksPlace;
  readonly limits: Limits;
  /** What hooks print, a text for each call. */
  onPrint(text: string): void;
}

/** Rows in one message: each is a line of JSON, which is whole in memory. */
const ROWS_AT_ONCE = 1_000;

const DIED: Omit<Ending, "message"> = { kind: "error", row: null };

export class HookProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #options: HookProcessOptions;
  readonly #heard: Promise<void>;
  readonly #loaded = Promise.withResolvers<Loaded>();
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #execute: Execute | null = null;
  #ending: Ending | null = null;
  #lastError = "";
  #ids = 0;
  #closed = false;

  /** Throws HooksUnusable if the system starts no process. */
  constructor(options: HookProcessOptions) {
    this.#options = options;
    const { command, args, env } = ownProgram();
    try {
      this.#child = new Deno.Command(command, {
        args: [...args],
        clearEnv: true,
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new HooksUnusable(`can't start a process for hooks: ${reason}`, false);
    }
    this.#input = this.#child.stdin.getWriter();
    this.#loaded.promise.catch(() => {});
    this.#heard = this.#listen();
    this.#send({ type: "load", place: options.place, limits: options.limits });
  }

  /** Throws HooksUnusable, or HooksEnded if the file never ends loading. */
  get loaded(): Promise<Loaded> {
    return this.#loaded.promise;
  }

  /** It has ended, and another one is needed. */
  get ended(): boolean {
    return this.#ending !== null || this.#closed;
  }

  /** Throws HooksEnded. */
  async rows(
    about: {
      readonly header: readonly string[];
      readonly typed: boolean;
      readonly children: readonly SentChildren[];
      readonly facts: RunFacts;
    },
    rows: readonly SentRow[],
  ): Promise<RowsDone> {
    const parts = inParts(rows);
    const done = await Promise.all(parts.map(async (part, index) => {
      const answer = await this.#ask((id) => ({
        ...{ type: "rows", id, ...about, begins: index === 0, rows: part },
      }));
      if (answer.type !== "rows") throw new Error("The hooks gave another answer");
      return answer.done;
    }));
    return {
      changes: done.flatMap(({ changes }) => changes),
      tables: done.flatMap(({ tables }) => tables),
      errors: done.flatMap(({ errors }) => errors),
    };
  }

  /** Throws HooksEnded. */
  async columns(
    columns: readonly string[],
    values: readonly (readonly [number, readonly (string | null)[]])[],
  ): Promise<ColumnsDone> {
    const done = await Promise.all(
      inParts(values).map(async (part) => {
        const answer = await this.#ask((id) => ({ type: "columns", id, columns, values: part }));
        if (answer.type !== "columns") throw new Error("The hooks gave another answer");
        return answer.done.values;
      }),
    );
    return { values: done.flat() };
  }

  /** Why the batch can't be kept; null if it can. Throws HooksEnded, and what `execute` throws. */
  async after(numbers: readonly number[], execute: Execute): Promise<string | null> {
    this.#execute = execute;
    try {
      const answer = await this.#ask((id) => ({ type: "after", id, numbers }));
      if (answer.type !== "after") throw new Error("The hooks gave another answer");
      return answer.error;
    } finally {
      this.#execute = null;
    }
  }

  /** Ends it. Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#kill();
    await this.#input.abort().catch(() => {});
    await this.#heard;
  }

  async #ask(message: (id: number) => ToHooks): Promise<Answer> {
    const id = ++this.#ids;
    const waiting = Promise.withResolvers<Answer>();
    waiting.promise.catch(() => {});
    if (this.#ending !== null) throw new HooksEnded(this.#ending);
    this.#waiting.set(id, waiting);
    this.#send(message(id));
    return await waiting.promise;
  }

  /** If it has ended, `#listen` says so. */
  #send(message: ToHooks): void {
    this.#input.write(this.#encoder.encode(`${JSON.stringify(message)}\n`)).catch(() => {});
  }

  async #listen(): Promise<void> {
    const errors = this.#readErrors();
    for await (const line of this.#child.stdout.pipeThrough(new TextLineStream())) {
      if (line !== "") this.#hear(line);
    }
    const [{ code }] = await Promise.all([this.#child.status, errors]);
    this.#end({ ...DIED, message: this.#whyDied(code) });
    await this.#input.close().catch(() => {});
  }

  #hear(line: string): void {
    let message: FromHooks;
    try {
      message = JSON.parse(line) as FromHooks;
    } catch {
      this.#end({ ...DIED, message: "A hook wrote to the standard output, which it can't." });
      return this.#kill();
    }
    switch (message.type) {
      case "loaded":
        return this.#loaded.resolve(message);
      case "refused":
        return this.#loaded.reject(new HooksUnusable(message.message, message.changed));
      case "print":
        return this.#options.onPrint(message.text);
      case "ended":
        return this.#end(message.because);
      case "ask":
        return void this.#answer(message.text, message.parameters);
      default:
        this.#waiting.get(message.id)?.resolve(message);
        this.#waiting.delete(message.id);
    }
  }

  async #answer(text: string, parameters: readonly unknown[]): Promise<void> {
    const refused = (error: string): ToHooks => ({ type: "answer", rows: null, error });
    if (this.#execute === null) {
      return this.#send(refused("sql can only be used until afterBatch has returned"));
    }
    try {
      this.#send({ type: "answer", rows: await this.#execute(text, parameters), error: "" });
    } catch (error) {
      this.#send(refused(error instanceof Error ? error.message : String(error)));
    }
  }

  /** Only its end is of use, if it died of an error of its own. */
  async #readErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr) {
      this.#lastError = (this.#lastError + decoder.decode(bytes, { stream: true })).slice(-4_000);
    }
  }

  #whyDied(code: number): string {
    if (/heap|out of memory/iu.test(this.#lastError)) return "The hooks took all memory there was.";
    const line = this.#lastError.split("\n").find((one) => one.trim() !== "") ?? "";
    return `The process of the hooks ended by itself (code ${code})${
      line === "" ? "." : `: ${line}`
    }`;
  }

  #end(ending: Ending): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    const error = new HooksEnded(ending);
    this.#loaded.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function inParts<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(rows.length / ROWS_AT_ONCE));
  return Array.from(
    { length: count },
    (_, part) => rows.slice(part * ROWS_AT_ONCE, (part + 1) * ROWS_AT_ONCE),
  );
}
