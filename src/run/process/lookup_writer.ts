/** Writes a column whose values are looked up in another table. */
import { PostgresError, type Session } from "../../db/session.ts";
import { isGone } from "../../ledger/batches/begin_batch.ts";
import { type AddedRows, addRows, type Refused } from "../../load/lookup/add_rows.ts";
import { findMatches, type Found, type LookedUp } from "../../load/lookup/find_matches.ts";
import { MAX_VALUE_LENGTH, type RowError } from "../../row/outcome.ts";
import type { ColumnWriter, LookupProblem, LookupProgram } from "../../row/pipeline.ts";
import type { RowWriter } from "../../row/row_writer.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { LookupMemory } from "../lookup_memory.ts";
import { likelyValues } from "../likely_values.ts";
import { TableChanged } from "./other_table.ts";

/** What a value leads to: a text for COPY, or what is wrong. */
interface Answer {
  readonly text: string | null;
  readonly problems: readonly LookupProblem[];
}

interface Asked {
  readonly key: string;
  readonly value: LookedUp;
  /** What was written for it. */
  readonly expected: Answer;
}

interface Missing {
  readonly value: LookedUp;
  /** The numbers of the records that were written since it is known to be missing. */
  readonly records: number[];
}

/** Stands for what isn't known yet. Then the batch will be encoded again. */
const UNKNOWN: Answer = { text: null, problems: [] };

export class LookupWriter implements ColumnWriter {
  readonly #lookup: LookupProgram;
  readonly #memory: LookupMemory;
  /** For each of the batch's values. */
  readonly #answers = new Map<string, Answer>();
  /** Those for which the table was not asked yet, in this batch. */
  #asked: Asked[] = [];
  /** Those that the table doesn't have and that can be added to it, and the rows that need them. */
  #missing = new Map<string, Missing>();
  #suggests: boolean;

  /** `suggests`: of what isn't found, errors say what was probably meant. */
  constructor(lookup: LookupProgram, memory: LookupMemory, suggests: boolean) {
    this.#suggests = suggests;
    this.#lookup = lookup;
    this.#memory = memory;
  }

  /** Who needs a value that is to be added has to be known. */
  get repeats(): boolean {
    return this.#missing.size === 0;
  }

  /** The name of the table. */
  get table(): string {
    return this.#lookup.table.name;
  }

  /** Are there values that are to be added to the table? */
  get lacks(): boolean {
    return this.#missing.size > 0;
  }

  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    const value = this.#lookup.read(record, errors);
    if (value === null) return out.null();
    const key = value.length === 1 ? value[0]! : JSON.stringify(value);
    const answer = this.#answers.get(key) ?? this.#ask(key, value);
    if (this.#missing.size > 0) this.#missing.get(key)?.records.push(record.row);
    for (const problem of answer.problems) errors.push(this.#lookup.error(problem, record));
    if (answer.text === null) out.null();
    else out.text(answer.text);
  }

  /**
   * Asks the table for the values that were written since the last time. True if something else was
   * written for one of them, so that the batch has to be encoded again. Throws TableChanged.
   */
  async settle(session: Session): Promise<boolean> {
    const asked = this.#asked;
    if (asked.length === 0) return false;
    this.#asked = [];
    const found = await this.#find(session, asked.map(({ value }) => value));
    let isOther = false;
    for (const [index, { key, value, expected }] of asked.entries()) {
      if (found[index] === null && this.#mayAdd(value)) {
        this.#missing.set(key, { value, records: [] });
        this.#answers.set(key, UNKNOWN);
        this.#memory.delete(key);
        isOther = true;
        continue;
      }
      const answer = this.#answerOf(found[index]);
      isOther ||= answer.text !== expected.text || answer.problems.length > 0;
      this.#answers.set(key, answer);
      if (answer.problems.length === 0) this.#memory.set(key, answer.text);
      else this.#memory.delete(key);
    }
    const unknown = asked.filter((_, index) => found[index] === null && !this.#lookup.create);
    await this.#suggestFor(session, unknown);
    return isOther;
  }

  /** Only for the first of the batch: people mend these, and then import again. */
  async #suggestFor(session: Session, unknown: readonly Asked[]): Promise<void> {
    if (unknown.length === 0 || !this.#suggests || this.#memory.isSlow) return;
    this.#suggests = false;
    const { table, notFound } = this.#lookup;
    const values = unknown.flatMap(({ value }) => value.length === 1 ? value[0] ?? [] : []);
    const found = await likelyValues(session, table, values);
    this.#memory.isSlow = found === null;
    for (const [key, likely] of found ?? []) {
      this.#answers.set(key, failed({ ...notFound, hint: `Did you mean ${likely}?` }));
    }
  }

  /**
   * Adds the missing values to the table, but for those that only failed records need. Returns how many
   * rows were added. Then the batch has to be encoded again. `failed`: numbers of records.
   */
  async add(session: Session, failed: ReadonlySet<number>): Promise<number> {
    const missing = [...this.#missing].filter(([, { records }]) =>
      records.some((record) => !failed.has(record))
    );
    this.#missing = new Map();
    const values = missing.map(([, { value }]) => value);
    const { found, added } = await this.#addRows(session, values);
    for (const [index, [key]] of missing.entries()) {
      const row = found[index];
      const answer = "n" in row ? this.#answerOf(row) : this.#refused(row);
      this.#answers.set(key, answer);
      if (answer.problems.length === 0) this.#memory.set(key, answer.text);
    }
    return added;
  }

  /** With NULL in it, a row would never be found again. */
  #mayAdd(value: LookedUp): boolean {
    return this.#lookup.create && value.every((part) => part !== null);
  }

  #refused({ refusal }: Refused): Answer {
    const { notFound, table: { name } } = this.#lookup;
    const why = refusal === null
      ? "afterwards it can't be found, because a trigger changes it or a policy hides it"
      : refusal.replaceAll(/\s+/gu, " ").trim().slice(0, MAX_VALUE_LENGTH).replace(/\.$/u, "");
    return failed({ ...notFound, hint: `It can't be added to ${name}: ${why}.` });
  }

  #ask(key: string, value: LookedUp): Answer {
    const known = this.#memory.get(key);
    const expected = known === undefined ? UNKNOWN : { text: known, problems: [] };
    this.#answers.set(key, expected);
    this.#asked.push({ key, value: [...value], expected });
    return expected;
  }

  #find(session: Session, values: readonly LookedUp[]): Promise<readonly Found[]> {
    return unlessGone(() => findMatches(session, this.#lookup.table, values));
  }

  /** Throws TableChanged. */
  #addRows(session: Session, values: readonly LookedUp[]): Promise<AddedRows> {
    return unlessGone(() => addRows(session, this.#lookup.table, values));
  }

  #answerOf(found: Found): Answer {
    const { notFound, ambiguous, notComparable } = this.#lookup;
    if (found === null) return failed(notFound);
    if (found === "refused") return failed(notComparable);
    if (found.rows > 1) {
      return failed({ ...ambiguous, hint: `${found.rows.toLocaleString("en-US")} rows have it.` });
    }
    const judged = this.#lookup.judgeFound(found.value);
    return judged === null || typeof judged === "string"
      ? { text: judged, problems: [] }
      : { text: null, problems: judged };
  }
}

/** Throws TableChanged. */
async function unlessGone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PostgresError) || !isGone(error)) throw error;
    throw new TableChanged(error.message, { cause: error });
  }
}

function failed(problem: LookupProblem): Answer {
  return { text: null, problems: [problem] };
}
