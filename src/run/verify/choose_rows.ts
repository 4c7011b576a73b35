/** Chooses the rows that are compared. */
import type { EncodedBatch } from "../process/encode.ts";
import type { Compared, RowsToVerify } from "./compared.ts";

export interface Chosen {
  /** Of the good rows: those that are compared, by their indexes. */
  readonly order: Int32Array;
  readonly skipped: number;
  /** Rows that can't be written to the table as it is now, although they were loaded: by record. */
  readonly unwritable: ReadonlyMap<number, string>;
}

/** Leaves out the rows of which it is known that they are not in the table. */
export function chooseCompared(
  { program, how }: Compared,
  { outcomes, allowances }: RowsToVerify,
  encoded: EncodedBatch,
): Chosen {
  const { rowNumbers } = encoded.places;
  const failed = new Set(outcomes.failed);
  const { onDuplicate } = how.plan;
  const leftAlone = onDuplicate === "skip" || onDuplicate === "update_if_newer";
  const skipped = new Set(
    program.run.definition.options.log_rows !== "all"
      ? []
      : leftAlone
      ? outcomes.skipped
      : outcomes.taken,
  );
  const unwritable = new Map<number, string>();
  for (const [record, errors] of encoded.bad) {
    if (failed.has(rowNumbers[record])) continue;
    if (allowances.failed.take([record]).length > 0) unwritable.set(record, errors[0].message);
  }
  if (failed.size === 0 && skipped.size === 0) {
    return { order: Int32Array.from(encoded.goodRecords, (_, row) => row), skipped: 0, unwritable };
  }
  const order: number[] = [];
  let left = 0;
  for (let row = 0; row < encoded.good.count; row++) {
    const number = rowNumbers[encoded.goodRecords[row]];
    if (skipped.has(number)) left++;
    else if (!failed.has(number)) order.push(row);
  }
  return { order: Int32Array.from(order), skipped: left, unwritable };
}

/** Of the chosen rows, those with these numbers. */
export function chooseOnly(
  { order }: Chosen,
  { places, goodRecords }: EncodedBatch,
  only: ReadonlySet<number>,
): Chosen {
  return {
    order: order.filter((row) => only.has(places.rowNumbers[goodRecords[row]])),
    skipped: 0,
    unwritable: new Map(),
  };
}
