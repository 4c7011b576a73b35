/** Writes a column whose values are looked up in another table. */
import { PostgresError, type Session } from "../../db/session.ts";
import { isGone } from "../../ledger/begin_batch.ts";
import { findMatches, type Found, type LookedUp } from "../../load/lookup/find_matches.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnWriter, LookupProblem, LookupProgram } from "../../row/pipeline.ts";
import type { RowWriter } from "../../row/row_writer.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { LookupMemory } from "../lookup_memory.ts";
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

/** Stands for what isn't known yet. Then the batch will be encoded again. */
const UNKNOWN: Answer = { text: null, problems: [] };

export class LookupWriter implements ColumnWriter {
  readonly repeats = true;
  readonly #lookup: LookupProgram;
  readonly #memory: LookupMemory;
  /** For each of the batch's values. */
  readonly #answers = new Map<string, Answer>();
  /** Those for which the table was not asked yet, in this batch. */
  #asked: Asked[] = [];

  constructor(lookup: LookupProgram, memory: LookupMemory) {
    this.#lookup = lookup;
    this.#memory = memory;
  }

  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    const value = this.#lookup.read(record, errors);
    if (value === null) return out.null();
    const key = value.length === 1 ? value[0]! : JSON.stringify(value);
    const answer = this.#answers.get(key) ?? this.#ask(key, value);
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
    for (const [index, { key, expected }] of asked.entries()) {
      const answer = this.#answerOf(found[index]);
      isOther ||= answer.text !== expected.text || answer.problems.length > 0;
      this.#answers.set(key, answer);
      if (answer.problems.length === 0) this.#memory.set(key, answer.text);
      else this.#memory.delete(key);
    }
    return isOther;
  }

  #ask(key: string, value: LookedUp): Answer {
    const known = this.#memory.get(key);
    const expected = known === undefined ? UNKNOWN : { text: known, problems: [] };
    this.#answers.set(key, expected);
    this.#asked.push({ key, value: [...value], expected });
    return expected;
  }

  async #find(session: Session, values: readonly LookedUp[]): Promise<readonly Found[]> {
    try {
      return await findMatches(session, this.#lookup.table, values);
    } catch (error) {
      if (!(error instanceof PostgresError) || !isGone(error)) throw error;
      throw new TableChanged(error.message, { cause: error });
    }
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

function failed(problem: LookupProblem): Answer {
  return { text: null, problems: [problem] };
}
