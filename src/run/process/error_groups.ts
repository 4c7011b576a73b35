/** Groups a batch's errors by what went wrong, never by the value. */
import { createHash } from "node:crypto";
import type { ErrorGroup } from "../../ledger/batch_errors.ts";
import type { RowErrors } from "../../ledger/rows.ts";
import type { RowError } from "../../row/outcome.ts";

/** The headline of a row that our own checks refused; its field messages say the rest. */
export const INVALID_HEADLINE = "The given data was invalid.";

/** The most groups of one kind in a batch; further errors are counted together as `other`. */
const MAX_GROUPS = 100;
const MAX_SAMPLE_ROWS = 10;

interface OpenGroup {
  /** The text that its fingerprint is a hash of. */
  readonly identity: string;
  readonly kind: ErrorGroup["kind"];
  readonly message: string;
  readonly code: string | null;
  readonly column: string | null;
  count: number;
  readonly sampleRows: number[];
}

export class ErrorGroups {
  readonly #groups: OpenGroup[] = [];
  /**
   * By message, because most groups differ in it. A string that was looked up before is looked up
   * again at no cost, while an identity of all parts would have to be built for each row.
   */
  readonly #byMessage = {
    row: new Map<string, OpenGroup[]>(),
    validation: new Map<string, OpenGroup[]>(),
  };
  readonly #sizes = { row: 0, validation: 0 };
  readonly #others: { row: OpenGroup | null; validation: OpenGroup | null } = {
    row: null,
    validation: null,
  };

  /** One failed row: its headline, and each of its field messages. */
  add(rowNumber: number, failure: RowErrors, errors: readonly RowError[]): void {
    const invalid = failure.message === INVALID_HEADLINE;
    const [first] = errors;
    const [code, column] = invalid ? ["validation", null] : [first.code, first.column];
    count(this.#find("row", failure.message, code, column), rowNumber);
    if (!invalid) return;
    for (const { message, code, column } of errors) {
      count(this.#find("validation", message, code, column), rowNumber);
    }
  }

  list(): ErrorGroup[] {
    return this.#groups.map(({ identity, ...group }) => ({
      ...group,
      fingerprint: createHash("sha1").update(identity).digest("hex"),
    }));
  }

  #find(
    kind: ErrorGroup["kind"],
    message: string,
    code: string | null,
    column: string | null,
  ): OpenGroup {
    const known = this.#byMessage[kind].get(message);
    const found = known?.find((group) => group.code === code && group.column === column);
    if (found !== undefined) return found;
    if (this.#sizes[kind] >= MAX_GROUPS) return this.#other(kind);
    this.#sizes[kind]++;
    const identity = JSON.stringify([kind, code, column, message]);
    const group = this.#open({ identity, kind, message, code, column });
    if (known === undefined) this.#byMessage[kind].set(message, [group]);
    else known.push(group);
    return group;
  }

  #other(kind: ErrorGroup["kind"]): OpenGroup {
    const about = { message: "Other errors.", code: "other", column: null };
    return this.#others[kind] ??= this.#open({ identity: `other ${kind}`, kind, ...about });
  }

  #open(about: Omit<OpenGroup, "count" | "sampleRows">): OpenGroup {
    const group = { ...about, count: 0, sampleRows: [] };
    this.#groups.push(group);
    return group;
  }
}

function count(group: OpenGroup, rowNumber: number): void {
  group.count++;
  if (group.sampleRows.length < MAX_SAMPLE_ROWS) group.sampleRows.push(rowNumber);
}
