/** Rows that differ, for people to see. */
import type { Session } from "../../db/session.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import { readSamples, type Sample } from "../../load/verify/compare_staged.ts";
import type { EncodedBatch } from "../process/encode.ts";
import type { Compared } from "./compared.ts";
import type { DifferingRow, Tally } from "./findings.ts";

/** Adds rows that differ to the tally, as long as it wants them. */
export class SampleList {
  readonly #compared: Compared;
  readonly #encoded: EncodedBatch;
  readonly #order: Int32Array;
  readonly #tally: Tally;

  constructor(compared: Compared, encoded: EncodedBatch, order: Int32Array, tally: Tally) {
    this.#compared = compared;
    this.#encoded = encoded;
    this.#order = order;
    this.#tally = tally;
  }

  unreadable(position: number, message: string): void {
    this.unwritable(this.#encoded.goodRecords[this.#order[position]], message);
  }

  unwritable(record: number, message: string): void {
    if (this.#tally.room <= 0) return;
    this.#tally.samples.push({
      ...this.#place(record),
      result: "changed",
      key: {},
      values: [],
      message,
    });
  }

  async read(
    session: Session,
    how: Comparable,
    columns: readonly string[],
    positions: readonly number[],
    result: DifferingRow["result"],
  ): Promise<void> {
    const wanted = positions.slice(0, Math.max(0, this.#tally.room));
    if (wanted.length === 0) return;
    const samples = await readSamples(session, how, columns, wanted);
    for (const sample of samples) {
      this.#tally.samples.push({
        ...this.#place(this.#encoded.goodRecords[this.#order[sample.position]]),
        result,
        key: Object.fromEntries(how.plan.key.map((name, index) => [name, sample.key[index]])),
        values: valuesOf(sample, columns, result),
        message: null,
      });
    }
  }

  #place(record: number) {
    const { rowNumbers, lines } = this.#encoded.places;
    const { run, label } = this.#compared;
    return {
      run: run.id,
      ...label !== null && { table: label },
      row_number: rowNumbers[record],
      line: lines[record],
    };
  }
}

export function valuesOf(
  sample: Sample,
  columns: readonly string[],
  result: DifferingRow["result"],
) {
  return columns.flatMap((column, index) =>
    result !== "changed" || sample.differs?.[index] === true
      ? [{ column, file: sample.file[index], table: sample.table?.[index] ?? null }]
      : []
  );
}
