/** Checks the options of a definition. */
import { A_GATE, nearGate, readGate } from "../gates.ts";
import { parseByteSize } from "../byte_size.ts";
import { describe, type Problems } from "../problem.ts";
import { A_KEEP_AGE, A_LIMIT, AN_AGE, type ParsedDefinition } from "../schema.ts";
import { readAge, readKeepAge, readMaxErrors } from "../read_options.ts";

/**
 * Each worker holds a batch in memory, together with what it writes of it. All of that must fit
 * into the 2 GB that the kernel (src/kernel) can address.
 */
const MAX_BATCH_BYTES = 100_000_000;
const MAX_BATCH_ROWS = 1_000_000;

export function checkOptions(
  options: NonNullable<ParsedDefinition["options"]>,
  problems: Problems,
): void {
  const { batch_bytes: bytes, batch_rows: rows = 1, max_errors: maxErrors } = options;
  const { undo_for: undoFor } = options;
  if (rows > MAX_BATCH_ROWS) {
    problems.wrong(["options", "batch_rows"], rows, "a whole number from 1 to 1000000");
  }
  const size = bytes === undefined ? 1 : parseByteSize(bytes);
  if (size === null || size > MAX_BATCH_BYTES) {
    problems.wrong(["options", "batch_bytes"], bytes, "a size from 1 B to 100 MB, such as 1MB");
  }
  if (maxErrors !== undefined && maxErrors !== null && readMaxErrors(maxErrors) === null) {
    const expected = "a number of rows, a percentage up to 100%, or null";
    problems.wrong(["options", "max_errors"], maxErrors, expected);
  }
  if (undoFor !== undefined && readAge(undoFor) === null) {
    problems.wrong(["options", "undo_for"], undoFor, AN_AGE);
  }
  const gates = [options.hold_if ?? []].flat();
  for (const gate of gates) {
    if (readGate(gate) !== null) continue;
    problems.add(["options", "hold_if"], {
      found: describe(gate),
      expected: A_GATE,
      suggestion: nearGate(gate),
    });
  }
  // In batches, rows are in the table before anybody could decide.
  if (options.transaction !== "run") {
    const beside = "transaction: run beside it";
    if (options.release === "manual") problems.wrong(["options", "release"], "manual", beside);
    if (gates.length > 0) problems.wrong(["options", "hold_if"], gates[0], beside);
  }
  const { max_failed_rows_logged: most = null } = options;
  if (most !== null && (most < 0 || !Number.isSafeInteger(most))) {
    problems.wrong(["options", "max_failed_rows_logged"], most, A_LIMIT);
  }
  for (const [what, age] of Object.entries(options.keep ?? {})) {
    if (age !== undefined && readKeepAge(age) === undefined) {
      problems.wrong(["options", "keep", what], age, A_KEEP_AGE);
    }
  }
}
