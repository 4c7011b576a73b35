/** Groups a batch's errors by what went wrong, never by the value. */
import { createHash } from "node:crypto";
import type { ErrorGroup } from "../../ledger/batch_errors.ts";
import type { RowError } from "../../row/outcome.ts";
import type { FailureForm } from "./failure_forms.ts";

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
  /** The groups of each form that was remembered. */
  readonly #byForm = new Map<FailureForm, readonly OpenGroup[]>();
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

  /** One failed row: its headline, and each of its field messages. `form`: of its errors. */
  add(rowNumber: number, form: FailureForm, errors: readonly RowError[]): void {
    let groups = this.#byForm.get(form);
    if (groups === undefined) {
      groups = this.#groupsOf(form, errors);
      if (form.around !== null) this.#byForm.set(form, groups);
    }
    for (const group of groups) count(group, rowNumber);
  }

  #groupsOf({ headline, invalid }: FailureForm, errors: readonly RowError[]): OpenGroup[] {
    if (!invalid) return [this.#find("row", headline, errors[0].code, errors[0].column)];
    const fields = errors.map(({ message, code, column }) =>
      this.#find("validation", message, code, column)
    );
    return [this.#find("row", headline, "validation", null), ...fields];
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
