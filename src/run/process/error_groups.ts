/** Groups a batch's errors by what went wrong, never by the value. */
import type { ErrorGroup } from "../../ledger/batches/batch_errors.ts";
import { causeOf, groupId, type GroupKind, messageForm } from "../../ledger/groups/group_id.ts";
import { firstRows, RunPacker, unpackRuns } from "../../ledger/rows/row_runs.ts";
import type { GroupCode, RowError } from "../../row/outcome.ts";
import type { FailureForm } from "./failure_forms.ts";

/** The most groups of one kind in a batch; further errors are counted together as `other`. */
const MAX_GROUPS = 100;
/** The most messages that are remembered. Each row's may be another one. */
const MAX_MESSAGES = 1000;
const MAX_SAMPLE_ROWS = 10;

interface OpenGroup {
  readonly id: string;
  readonly kind: GroupKind;
  message: string;
  readonly code: GroupCode | null;
  readonly column: string | null;
  count: number;
  readonly rows: RunPacker;
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
    for (const group of groups) {
      group.count++;
      group.rows.add(rowNumber);
    }
  }

  #groupsOf({ headline, invalid }: FailureForm, errors: readonly RowError[]): OpenGroup[] {
    if (!invalid) return [this.#find("row", headline, errors[0])];
    const fields = errors.map((error) => this.#find("validation", error.message, error));
    return [this.#find("row", headline, { code: "validation", column: null }), ...fields];
  }

  list(): ErrorGroup[] {
    return this.#groups.map(({ rows, ...group }) => {
      const packed = rows.end();
      const sampleRows = firstRows(unpackRuns(packed, MAX_SAMPLE_ROWS), MAX_SAMPLE_ROWS);
      return { ...group, rows: packed, lastRow: rows.last, sampleRows };
    });
  }

  #find(kind: GroupKind, message: string, about: RowError | Headline): OpenGroup {
    const { code, column } = about;
    const known = this.#byMessage[kind].get(message);
    const found = known?.find((group) => group.code === code && group.column === column);
    if (found !== undefined) return found;
    const cause = about.code === "validation" ? null : causeOf(about);
    const id = groupId({ kind, code, column, message, cause });
    let group = this.#groups.find((group) => group.id === id && group.code === code);
    if (group === undefined) {
      if (this.#sizes[kind] >= MAX_GROUPS) return this.#other(kind);
      this.#sizes[kind]++;
      group = this.#open({ id, kind, message, code, column });
    } // What is said of all its rows has to hold for each.
    else group.message = messageForm({ kind, code, column, message: group.message }, "…");
    const messages = this.#byMessage[kind];
    if (known !== undefined) known.push(group);
    else if (messages.size < MAX_MESSAGES) messages.set(message, [group]);
    return group;
  }

  #other(kind: GroupKind): OpenGroup {
    const about = { kind, message: "Other errors.", code: "other", column: null } as const;
    return this.#others[kind] ??= this.#open({ ...about, id: groupId(about) });
  }

  #open(about: Omit<OpenGroup, "count" | "rows">): OpenGroup {
    const group = { ...about, count: 0, rows: new RunPacker() };
    this.#groups.push(group);
    return group;
  }
}

/** Of all rows that our own checks have refused. */
interface Headline {
  readonly code: "validation";
  readonly column: null;
}
