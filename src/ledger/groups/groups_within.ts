/** The groups of a part of a run's rows: batches sum up their own rows, which may be of several files. */
import { type ErrorGroupSum, idOf } from "../batches/batch_errors.ts";
import { chosenIn, type ErrorChoice, parametersOf, type RowRange } from "./error_choice.ts";
import type { Ledger } from "../ledger.ts";
import { unpackRuns } from "../rows/row_runs.ts";

/** How many rows of a group are named. */
const SAMPLES = 10;

type Part =
  & Pick<ErrorGroupSum, "id" | "kind" | "message" | "code" | "column">
  & { readonly rows: Uint8Array };

/** As `sumErrorGroups`, of the rows in these ranges. Of errors that batches count together as others, all. */
export async function sumWithin(
  ledger: Ledger,
  runId: number,
  limit: number,
  choice: ErrorChoice & { readonly ranges: readonly RowRange[] },
): Promise<ErrorGroupSum[]> {
  const { ranges } = choice;
  const parts = await ledger.query<Part>(
    `select ${idOf(ledger)} as id, kind, message, code, "column", rows
     from ${ledger.schema}.batch_errors e
     where run_id = $1 and ${chosenIn(idOf(ledger))} and rows is not null and exists (
       select from unnest($5::bigint[], $6::bigint[]) r (first, last)
       where e.last_row >= r.first and e.sample_rows[1] <= r.last)
     order by sample_rows[1], batch, fingerprint`,
    [
      runId,
      ...parametersOf(choice),
      ranges.map(({ first }) => first),
      ranges.map(({ last }) => last),
    ],
  );
  const groups = new Map<string, Counting>();
  for (const part of parts) {
    const runs = within(unpackRuns(part.rows), ranges);
    if (runs.length === 0) continue;
    const group = groups.get(part.id) ?? new Counting(part);
    groups.set(part.id, group);
    group.add(part, runs);
  }
  const sums = [...groups.values()].map((group) => group.sum());
  return (["row", "validation"] as const).flatMap((kind) => {
    const ofKind = sums.filter((sum) => sum.kind === kind)
      .sort((one, other) => other.count - one.count || one.sample_rows[0] - other.sample_rows[0]);
    const kind_count = ofKind.reduce((sum, { count }) => sum + count, 0);
    return ofKind.slice(0, limit).map((sum) => ({ ...sum, kind_count }));
  });
}

class Counting {
  readonly #first: Part;
  readonly #samples: number[] = [];
  #count = 0;
  #varies = false;

  constructor(first: Part) {
    this.#first = first;
  }

  add({ message }: Part, runs: readonly RowRange[]): void {
    this.#varies ||= message !== this.#first.message;
    for (const { first, last } of runs) {
      this.#count += last - first + 1;
      for (let row = first; row <= last && this.#samples.length < SAMPLES; row++) {
        this.#samples.push(row);
      }
    }
  }

  sum(): Omit<ErrorGroupSum, "kind_count"> {
    const { id, kind, message, code, column } = this.#first;
    const about = { id, kind, message, code, column };
    return { ...about, varies: this.#varies, count: this.#count, sample_rows: this.#samples };
  }
}

/** `runs`: first and last rows, one after the other. */
function within(runs: readonly number[], ranges: readonly RowRange[]): RowRange[] {
  const found: RowRange[] = [];
  for (const { first, last } of ranges) {
    for (let i = 0; i < runs.length; i += 2) {
      const [from, to] = [Math.max(runs[i], first), Math.min(runs[i + 1], last)];
      if (from <= to) found.push({ first: from, last: to });
    }
  }
  return found;
}
