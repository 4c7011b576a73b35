/** What a dry run, or a run that is held, would change: old and new values by column. */
import type { Changes as Changed } from "../../../report/change_schema.ts";
import { formatCount } from "../../../report/numbers.ts";
import { rowsText } from "../parts/numbers.tsx";

const COLUMNS = 12;
const SAMPLES = 3;
const ABSENT = 10;

/** Is there more to say than the counts say? */
export function changesSomething(changes: Changed | undefined): changes is Changed {
  return changes !== undefined && (changes.columns.length > 0 || absentIn(changes) > 0);
}

export function Changes({ changes }: { changes: Changed }) {
  const { columns, more, absent_rows: absent = [] } = changes;
  const gone = absentIn(changes);
  return (
    <>
      <ol class="changes">
        {columns.slice(0, COLUMNS).map(({ column, rows, samples }) => (
          <li>
            <span class="name">
              <bdi>{column}</bdi>
            </span>
            <span class="count n">{rowsText(rows)}</span>
            <ul>
              {samples.slice(0, SAMPLES).map(({ row, old, new: now }) => (
                <li>
                  <Value of={old} /> → <Value of={now} />
                  <span class="dim">
                    <bdi>{row.join(", ")}</bdi>
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {(more || columns.length > COLUMNS) && <p class="more">Other columns change, too.</p>}
      {gone > 0 && (
        <p class="absent">
          Not in the file, {changes.deleted === undefined ? "marked" : "deleted"}:{" "}
          <bdi>{absent.slice(0, ABSENT).map((key) => key.join(", ")).join("; ")}</bdi>
          {gone > ABSENT && ` and ${formatCount(gone - ABSENT)} more`}
        </p>
      )}
    </>
  );
}

function absentIn({ deleted, marked }: Changed): number {
  return deleted ?? marked ?? 0;
}

function Value({ of: value }: { of: string | null }) {
  return value === null ? <span class="dim">NULL</span> : (
    <code>
      <bdi>{value}</bdi>
    </code>
  );
}
