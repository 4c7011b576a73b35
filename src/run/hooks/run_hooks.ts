/** A run's hooks, in the program of a worker: called for a batch's rows, and after it. */
import { tableNames } from "../../importer/routes/routes.ts";
import type { Given, RunFacts, Uses } from "../../hooks/messages.ts";
import { HookProcess, HooksEnded, HooksUnusable } from "../../hooks/hook_process.ts";
import type { EncodedRecords } from "../../kernel/encoded_records.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnProgram, ColumnWriter } from "../../row/pipeline.ts";
import type { Session } from "../../db/session.ts";
import { Collector, NOTHING } from "./collector.ts";
import { ColumnHooks } from "./column_hooks.ts";
import { executeFor, SqlFailure } from "./execute.ts";
import { HookedRows, rowErrorsOf } from "./hooked_rows.ts";
import { GONE, type HookedRun } from "./hooked_run.ts";
import { limitsOf } from "./limits.ts";
import { childrenOf } from "./read_keys.ts";
import { speaking } from "./speaking.ts";
import { HooksFailed, OtherHooks } from "./hooks_failed.ts";
import { requireHooks } from "./require_hooks.ts";

/** What hooks print is told only up to here. */
const PRINTED = 10;
/** Milliseconds after which a process that has nothing to do ends; and while afterBatch may follow. */
const IDLE = 5_000;
const IDLE_IN_BATCH = 900_000;

export class RunHooks {
  readonly uses: Uses;
  readonly columns: ColumnHooks;
  readonly #run: HookedRun;
  readonly #checksum: string;
  readonly #path: string;
  #process: HookProcess | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #printed = 0;
  readonly #told: string[] = [];
  #noted = 0;
  /** Has the rows of the batch that was encoded last. */
  #prepared: HookProcess | null = null;
  #rows: HookedRows | null = null;
  /** By row: the place of its table among those that hooks choose from. */
  #tables: ReadonlyMap<number, number> = new Map();
  /** For each of those, its place in the definition. */
  readonly #places: readonly number[];
  /** The columns of all tables, for errors that name the file's; null: those that are encoded. */
  #filled: readonly ColumnProgram[] | null = null;
  /** Gets what hooks print, and what is wrong beside rows. */
  tell: (message: string) => void = () => {};

  constructor(run: HookedRun) {
    const { file, path, checksum, uses } = run.definition.hooks!;
    if (path === undefined || checksum === undefined || uses === undefined) {
      throw new HooksFailed(`The hooks file ${file} was not read when the run was created.`);
    }
    this.#run = run;
    this.#path = path;
    this.#checksum = checksum;
    this.uses = uses;
    this.columns = new ColumnHooks(uses.columns);
    const names = tableNames(run.definition);
    this.#places = (uses.tables ?? []).map((name) => names.indexOf(name));
  }

  /** Do they choose the table of a row? */
  get choose(): boolean {
    return this.uses.tables !== undefined;
  }

  /** What they have printed and the run doesn't have as a warning yet. */
  get printed(): readonly string[] {
    return this.#told.slice(this.#noted);
  }

  /** Once the run has these, for good. */
  note(printed: readonly string[]): void {
    this.#noted += printed.length;
  }

  /** The columns that rows fill, in whichever of several tables. */
  fill(programs: readonly ColumnProgram[]): void {
    this.#filled = programs;
  }

  /** Do they change what rows are, so that their keys may be others? `key`: target columns. */
  mayChange(key: Iterable<string>): boolean {
    if (this.uses.rows.length > 0) return true;
    for (const name of key) if (this.columns.names.includes(name)) return true;
    return false;
  }

  /**
   * Calls the hooks for a batch's rows. `encode` goes through the rows once, with these writers.
   * Resolves with writers that go by what the hooks made of them. Throws HooksFailed.
   */
  async prepare(
    session: Session,
    programs: readonly ColumnProgram[],
    encode: (writers: readonly ColumnWriter[]) => Pick<EncodedRecords, "bad">,
  ): Promise<(inner: readonly ColumnWriter[]) => readonly ColumnWriter[]> {
    const { header, typed } = this.#run;
    const collector = new Collector(header.length, typed);
    encode(programs.map((_, index) => index === 0 ? collector : NOTHING));
    const sent = collector.rows;
    const byNumber = new Map(sent.map((row) => [row[0], row]));
    const named = this.#filled ?? programs;
    const rows = await this.#calling(session, this.#pause, async (process) => {
      const children = childrenOf(this.#run.definition, programs);
      const done = await process.rows({ header, typed, children, facts: this.#facts }, sent);
      const errors = new Map(
        done.errors.map(([row, errors]) =>
          [row, rowErrorsOf(errors, byNumber.get(row)!, named)] as const
        ),
      );
      this.#tables = new Map(done.tables);
      const rows = new HookedRows(sent, { changes: done.changes, errors }, typed);
      await this.#askColumns(process, rows, programs, encode);
      return rows;
    });
    if (rows instanceof HookedRows) {
      this.#prepared = this.#process;
      this.#rows = rows;
      return (inner) => rows.writers(inner);
    }
    // All of the batch's rows fail.
    const errors = new Map(sent.map(([row]) => [row, [rows]] as const));
    const failed = this.#rows = new HookedRows(sent, { changes: [], errors }, typed);
    return (inner) => failed.writers(inner);
  }

  /**
   * The same for those of the batch's rows that go into one of several tables, after `prepare` was
   * called for all of them: only functions for columns are left to call.
   */
  async prepareColumns(
    session: Session,
    programs: readonly ColumnProgram[],
    encode: (writers: readonly ColumnWriter[]) => Pick<EncodedRecords, "bad">,
  ): Promise<(inner: readonly ColumnWriter[]) => readonly ColumnWriter[]> {
    const rows = this.#rows;
    if (rows === null) throw new Error("The hooks have not seen the batch's rows");
    const failure = this.columns.names.length === 0
      ? null
      : await this.#calling(session, this.#pause, async (process) => {
        if (process !== this.#prepared) throw new HooksEnded(GONE);
        await this.#askColumns(process, rows, programs, encode);
        return null;
      });
    if (failure === null) return (inner) => rows.writers(inner);
    return (inner) => rows.allFailed(failure).writers(inner);
  }

  /** The place of the row's table in the definition. */
  tableOf(row: number): number | undefined {
    const place = this.#tables.get(row);
    return place === undefined ? undefined : this.#places[place];
  }

  async #askColumns(
    process: HookProcess,
    rows: HookedRows,
    programs: readonly ColumnProgram[],
    encode: (writers: readonly ColumnWriter[]) => Pick<EncodedRecords, "bad">,
  ): Promise<void> {
    const { names } = this.columns;
    const has = ({ target }: ColumnProgram) => names.includes(target);
    if (!programs.some(has)) return;
    const asked = this.columns.note(() =>
      void encode(rows.writers(programs.map((program) => has(program) ? program : NOTHING)))
    );
    const given = await process.columns(names, [...asked]);
    this.columns.give(new Map<number, readonly Given[]>(given.values));
  }

  /** Something may follow, for the same rows. */
  get #pause(): number {
    const { afterBatch } = this.uses;
    const { tables } = this.#run.definition;
    return afterBatch || tables !== undefined ? IDLE_IN_BATCH : IDLE;
  }

  /**
   * Calls afterBatch, in the transaction of the batch: `numbers` are the rows that it has written.
   * Resolves with why they can't stay; null if they can. Throws HooksFailed, and errors of the
   * database that are not the statement's fault.
   */
  async afterBatch(session: Session, numbers: readonly number[]): Promise<RowError | null> {
    const executed = executeFor(session);
    const result = await this.#calling(session, IDLE, async (process) => {
      if (process !== this.#prepared) throw new HooksEnded(GONE);
      const error = await process.after(numbers, executed.execute);
      if (executed.failure !== null) throw new SqlFailure(executed.failure);
      return error;
    });
    if (executed.fatal !== null) throw executed.fatal;
    if (result === null) return null;
    if (typeof result !== "string") return result;
    return { code: "hook", message: `afterBatch: ${result}`, column: null, value: null };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const process = this.#process;
    this.#process = null;
    await process?.close();
  }

  get #facts(): RunFacts {
    return { run: this.#run.number, dry_run: this.#run.dry_run };
  }

  /** Resolves with what all rows fail for, if the hooks can't go on. */
  async #calling<T>(
    session: Session,
    pause: number,
    work: (process: HookProcess) => Promise<T>,
  ): Promise<T | RowError> {
    clearTimeout(this.#idle);
    try {
      return await speaking(session, async () => await work(await this.#started()));
    } catch (error) {
      if (error instanceof SqlFailure) {
        return { code: "hook", message: error.message, column: null, value: null };
      }
      if (!(error instanceof HooksEnded)) throw error;
      const { kind, message, row } = error.ending;
      await this.close();
      return {
        code: kind === "timeout" ? "hook_timeout" : "hook",
        message,
        column: null,
        value: null,
        ...row !== null && { hint: `It was called for row ${row}.` },
      };
    } finally {
      this.#rest(pause);
    }
  }

  /** Throws HooksFailed; OtherHooks if the file is not what it was when the run was created. */
  async #started(): Promise<HookProcess> {
    const { definition } = this.#run;
    const { file } = definition.hooks!;
    await requireHooks(definition.hooks!);
    if (this.#process?.ended === true) await this.close();
    if (this.#process !== null) return this.#process;
    try {
      const process = this.#process = new HookProcess({
        place: { path: this.#path, file, checksum: this.#checksum },
        limits: limitsOf(definition),
        onPrint: (text) => this.#print(text),
      });
      await process.loaded;
      return process;
    } catch (error) {
      await this.close();
      if (!(error instanceof HooksUnusable)) throw error;
      const because = `The hooks can't be used: ${error.message}.`;
      throw error.changed ? new OtherHooks(because, definition.hooks!) : new HooksFailed(because);
    }
  }

  /** It holds memory, and other runs may be at work for hours. */
  #rest(pause: number): void {
    clearTimeout(this.#idle);
    if (this.#process === null) return;
    this.#idle = setTimeout(() => void this.close(), pause);
    Deno.unrefTimer(this.#idle);
  }

  #print(text: string): void {
    this.#printed++;
    const { file } = this.#run.definition.hooks!;
    if (this.#printed > PRINTED + 1) return;
    const message = this.#printed <= PRINTED
      ? `${file} printed: ${text}`
      : `${file} printed more, which is not shown.`;
    this.#told.push(message);
    this.tell(message);
  }
}
