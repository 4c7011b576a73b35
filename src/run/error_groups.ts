/** Groups what went wrong in a batch by what it was, never by the value. */
import { createHash } from "node:crypto";
import type { ErrorGroup } from "../ledger/batch_errors.ts";
import type { RowErrors } from "../ledger/rows.ts";
import type { RowError } from "../row/outcome.ts";

/** The headline of a row that our own checks refused; its field messages say the rest. */
export const INVALID_HEADLINE = "The given data was invalid.";

/** Beyond so many groups of a kind in a batch, the rest is summed up as `other`. */
const MAX_GROUPS = 100;
const MAX_SAMPLE_ROWS = 10;

interface OpenGroup {
  readonly kind: ErrorGroup["kind"];
  readonly message: string;
  readonly code: string | null;
  readonly column: string | null;
  count: number;
  readonly sampleRows: number[];
}

export class ErrorGroups {
  readonly #groups = new Map<string, OpenGroup>();
  readonly #sizes = { row: 0, validation: 0 };

  /** One failed row: its headline, and each of its field messages. */
  add(rowNumber: number, failure: RowErrors, errors: readonly RowError[]): void {
    const invalid = failure.message === INVALID_HEADLINE;
    const [first] = errors;
    this.#count(rowNumber, "row", failure.message, {
      code: invalid ? "validation" : first.code,
      column: invalid ? null : first.column,
    });
    if (!invalid) return;
    for (const { message, code, column } of errors) {
      this.#count(rowNumber, "validation", message, { code, column });
    }
  }

  list(): ErrorGroup[] {
    return [...this.#groups].map(([identity, group]) => ({
      ...group,
      fingerprint: createHash("sha1").update(identity).digest("hex"),
    }));
  }

  #count(
    rowNumber: number,
    kind: ErrorGroup["kind"],
    message: string,
    about: { readonly code: string | null; readonly column: string | null },
  ): void {
    const identity = JSON.stringify([kind, about.code, about.column, message]);
    let group = this.#groups.get(identity);
    if (group === undefined && this.#sizes[kind] >= MAX_GROUPS) {
      return this.#countOther(rowNumber, kind);
    }
    if (group === undefined) {
      group = { kind, message, ...about, count: 0, sampleRows: [] };
      this.#groups.set(identity, group);
      this.#sizes[kind]++;
    }
    count(group, rowNumber);
  }

  #countOther(rowNumber: number, kind: ErrorGroup["kind"]): void {
    const identity = `other ${kind}`;
    let group = this.#groups.get(identity);
    if (group === undefined) {
      group = {
        kind,
        message: "Other errors.",
        code: "other",
        column: null,
        count: 0,
        sampleRows: [],
      };
      this.#groups.set(identity, group);
    }
    count(group, rowNumber);
  }
}

function count(group: OpenGroup, rowNumber: number): void {
  group.count++;
  if (group.sampleRows.length < MAX_SAMPLE_ROWS) group.sampleRows.push(rowNumber);
}
