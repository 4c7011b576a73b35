/** The columns of a file of failed rows, and their cells. */
import type { UnresolvedRow } from "../ledger/rows/rows.ts";

export interface FailedColumns {
  /** The source's, as the run read them. */
  readonly source: readonly string[];
  /** `column_4` …: for rows with too many fields. */
  readonly extra: readonly string[];
}

export interface OwnColumns {
  readonly errorMessage: string;
  /** Only of runs that read several files. */
  readonly file: string;
  readonly rowNumber: string;
  readonly runId: string;
}

/**
 * The names of the columns that this export adds. A source that is itself an exported file keeps
 * its own columns of these names; then ours are called `_row_number_2` and so on.
 */
export function ownColumns(source: readonly string[]): OwnColumns {
  const free = (name: string) => {
    let unused = name;
    for (let n = 2; source.includes(unused); n++) unused = `${name}_${n}`;
    return unused;
  };
  return {
    errorMessage: free("_error_message"),
    file: free("_file"),
    rowNumber: free("_row_number"),
    runId: free("_run_id"),
  };
}

/**
 * The row's values in the order of the columns, for people: missing fields are empty, and
 * undecodable bytes are U+FFFD. If a row has more fields than there are columns, the last column
 * takes the rest.
 */
export function sourceCells({ data }: Pick<UnresolvedRow, "data">, columns: FailedColumns) {
  const { source, extra } = columns;
  const cells = [...source, ...extra].map((name) => Object.hasOwn(data, name) ? data[name] : "");
  if (extra.length === 0 || Object.keys(data).length <= cells.length) return cells;
  const known = new Set([...source, ...extra]);
  const rest = Object.keys(data).filter((name) => !known.has(name)).sort(byField);
  const last = [cells[cells.length - 1], ...rest.map((name) => data[name])];
  return [...cells.slice(0, -1), last.join(",")];
}

/** `column_9` before `column_10`. */
function byField(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
