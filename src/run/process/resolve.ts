/**
 * Between reading and encoding: values that must be found for all rows of a batch at once, such as
 * the ids of 20,000 names in another table. There is no such step yet. A new one gets the batch's
 * records and the session of its transaction. It returns a writer for each of its columns, which has
 * a value or an error for every row. All other columns keep their compiled writers, and take the
 * byte path where they can.
 *
 * A column with a writer of its own must have no byte rule: what the kernel writes by itself, it never
 * asks a writer for. `Encoder` refuses such a writer.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import type { ColumnWriter } from "../../row/pipeline.ts";
import type { RunProgram } from "../program.ts";
import type { ReadBatch } from "./read.ts";

/** The writers of this batch's columns, in the order of the pipeline's programs. */
export function resolveBatch(
  _ledger: Ledger,
  { pipeline }: RunProgram,
  _read: ReadBatch,
): Promise<readonly ColumnWriter[]> {
  return Promise.resolve(pipeline.programs);
}
