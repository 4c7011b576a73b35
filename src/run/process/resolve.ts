/**
 * Between reading and encoding: values that must be found for all rows of a batch at once. A step
 * gets the session of the batch's transaction and returns a writer for each of its columns, which
 * has a value or an error for every row. All other columns keep their compiled writers, and take
 * the byte path where they can. The one step so far is the table's DEFAULT for missing values.
 *
 * A column with a writer of its own must have no byte rule, because what the kernel writes by
 * itself, it never asks a writer for; or one that leaves missing values to the writer. `Encoder`
 * refuses any other.
 */
import type { Session } from "../../db/session.ts";
import type { ColumnWriter } from "../../row/pipeline.ts";
import type { RunProgram } from "../program.ts";
import { DefaultWriter } from "./default_writer.ts";

/**
 * Encodes the batch with the writers of its columns, in the order of the pipeline's programs. How
 * many defaults are needed is known only after encoding, so a batch that lacks some is encoded
 * again. Most have none, and need no statement.
 */
export async function encodeResolved<Encoded>(
  session: Session,
  { pipeline, loadPlan: { table } }: RunProgram,
  encode: (writers: readonly ColumnWriter[]) => Encoded,
): Promise<Encoded> {
  const defaults: DefaultWriter[] = [];
  const writers = pipeline.programs.map((program) => {
    if (!program.takesDefault) return program;
    const writer = new DefaultWriter(program, table);
    defaults.push(writer);
    return writer;
  });
  for (;;) {
    for (const writer of defaults) writer.begin();
    const encoded = encode(writers);
    const short = defaults.filter((writer) => writer.missing > 0);
    if (short.length === 0) return encoded;
    for (const writer of short) await writer.fetch(session);
  }
}
