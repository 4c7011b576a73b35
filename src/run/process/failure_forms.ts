/**
 * What the log says of a failed row, as JSON. Rows fail in few ways: their errors are the same but
 * for the values. So the JSON of each way is made once, with gaps for the values.
 */
import type { JsonPieces } from "../../kernel/row_log.ts";
import type { RowErrors } from "../../ledger/rows/rows.ts";
import type { RowError } from "../../row/outcome.ts";

/** The headline of a row that our own checks refused; its field messages say the rest. */
const INVALID_HEADLINE = "The given data was invalid.";

/** The most that are remembered of a batch. Its rows may fail in as many ways as there are rows. */
const MAX_FORMS = 1000;
/** Stands for a value while the JSON is made. Text with it inside is not remembered. */
const GAP = "\u{f0000}gap\u{f0000}";
const GAP_JSON = JSON.stringify(GAP);

const encoder = new TextEncoder();

/** A way in which rows fail. */
export interface FailureForm {
  readonly headline: string;
  /** Our own checks have refused values; the headline says only that. */
  readonly invalid: boolean;
  /** The JSON around the values, in UTF-8; null if each row's is made by itself. */
  readonly around: readonly Uint8Array[] | null;
}

export class FailureForms {
  #size = 0;
  readonly #roots = { invalid: new Step(null), refused: new Step(null) };

  of(errors: readonly RowError[], invalid: boolean): FailureForm {
    let step: Step | null = invalid ? this.#roots.invalid : this.#roots.refused;
    for (const error of errors) {
      step = step.after(error) ?? this.#add(step, error);
      if (step === null) return formOf(errors, invalid, null);
    }
    return step.form ??= formOf(errors, invalid, around(errors, invalid));
  }

  #add(step: Step, error: RowError): Step | null {
    // Nearly each row names another one that came first, or has a hint of its own. A batch that is rolled
    // back says the same of all its rows.
    const isOwn = error.first_row !== undefined ||
      error.hint !== undefined && error.code !== "batch_rolled_back";
    if (isOwn || this.#size >= MAX_FORMS) return null;
    this.#size++;
    return step.add(error);
  }
}

/** The errors of rows, one after the other, as far as they are the same. */
class Step {
  form: FailureForm | null = null;
  readonly #error: RowError | null;
  /** By message, because most errors differ in it. */
  readonly #next = new Map<string, Step[]>();

  constructor(error: RowError | null) {
    this.#error = error;
  }

  after(error: RowError): Step | null {
    const steps = this.#next.get(error.message);
    return steps?.find((step) => step.#error !== null && isAlike(step.#error, error)) ?? null;
  }

  add(error: RowError): Step {
    const step = new Step(error);
    const steps = this.#next.get(error.message);
    if (steps === undefined) this.#next.set(error.message, [step]);
    else steps.push(step);
    return step;
  }
}

/** Of errors with the same message: do they differ in nothing but the value? */
function isAlike(one: RowError, other: RowError): boolean {
  const { code, column, sqlstate, constraint, check, hint, first_row } = other satisfies Compared;
  return one.code === code && one.column === column && one.sqlstate === sqlstate &&
    one.constraint === constraint && one.check === check && one.hint === hint &&
    one.first_row === first_row;
}

/** Fails the type check if an error gets a property that is not compared. */
type Compared = Record<
  Exclude<
    keyof RowError,
    | "message"
    | "value"
    | "code"
    | "column"
    | "sqlstate"
    | "constraint"
    | "check"
    | "hint"
    | "first_row"
  >,
  never
>;

function formOf(
  errors: readonly RowError[],
  invalid: boolean,
  around: FailureForm["around"],
): FailureForm {
  return { headline: invalid ? INVALID_HEADLINE : errors[0].message, invalid, around };
}

function around(errors: readonly RowError[], invalid: boolean): FailureForm["around"] {
  const pieces = JSON.stringify(rowErrors(errors.map(withGap), invalid)).split(GAP_JSON);
  if (pieces.length !== errors.length + 1) return null;
  return pieces.map((piece) => encoder.encode(piece));
}

function withGap(error: RowError): RowError {
  return { ...error, value: GAP };
}

/** The row's errors as JSON (RowErrors). `form`: theirs. */
export function failureJson(errors: readonly RowError[], form: FailureForm): JsonPieces {
  const { around, invalid } = form;
  if (around === null) return [JSON.stringify(rowErrors(errors, invalid))];
  const pieces: (string | Uint8Array)[] = [around[0]];
  for (let i = 0; i < errors.length; i++) {
    pieces.push(JSON.stringify(errors[i].value), around[i + 1]);
  }
  return pieces;
}

/** `invalid`: our own checks have refused values. */
export function rowErrors(errors: readonly RowError[], invalid: boolean): RowErrors {
  // Without a prototype: a column may be called `constructor` or `__proto__`.
  const validation: Record<string, string[]> = Object.create(null);
  if (invalid) {
    for (const { column, message } of errors) {
      if (column !== null) (validation[column] ??= []).push(message);
    }
  }
  return {
    message: invalid ? INVALID_HEADLINE : errors[0].message,
    validation,
    details: errors.map(({ message: _, ...details }) => details),
  };
}
