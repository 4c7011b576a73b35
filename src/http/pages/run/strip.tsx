/** A run's batches as a strip, each a cell: waiting, in work, done, with failed rows. */
import type { StripCell } from "../../../ledger/batches/batch_strip.ts";
import { formatCount } from "../../../report/numbers.ts";

/** Cells in a row. The strip has as many rows as it needs. */
const ROW = 60;
/** A short strip has larger cells. */
const FEW = { cells: 24, row: 24 };
/** Cells of the largest strip: each stands for several batches if there are more. */
export const MOST_CELLS = 4 * ROW;

const SIZE = 10;

export function Strip({ cells }: { cells: readonly StripCell[] }) {
  if (cells.length === 0) return <p class="hint">The file has not been divided yet.</p>;
  const row = cells.length <= FEW.cells ? FEW.row : ROW;
  const height = Math.ceil(cells.length / row) * SIZE;
  return (
    <>
      <svg
        class="strip"
        viewBox={`0 0 ${row * SIZE} ${height}`}
        role="img"
        aria-label={summary(cells)}
      >
        {cells.map((cell, i) => (
          <rect
            class={toneOf(cell)}
            x={(i % row) * SIZE}
            y={Math.floor(i / row) * SIZE}
            width={SIZE - 1.5}
            height={SIZE - 1.5}
            rx="1.5"
          >
            <title>{textOf(cell)}</title>
          </rect>
        ))}
      </svg>
      <p class="legend">
        {summary(cells)}
        {cells.some(({ batches }) => batches > 1) && ". A square stands for several batches"}
      </p>
    </>
  );
}

function toneOf(cell: StripCell): string {
  if (cell.working > 0) return "working";
  if (cell.given_up > 0) return "given-up";
  if (cell.waiting > 0) return cell.waiting === cell.batches ? "waiting" : "half";
  if (cell.failed_rows > 0) return "partly";
  return cell.rolled_back > 0 ? "waiting" : "done";
}

function textOf(cell: StripCell): string {
  const { first, last, first_row, last_row, waiting, working, given_up, rolled_back } = cell;
  const { failed_rows, workers } = cell;
  const name = first === last ? `Batch ${first}` : `Batches ${first} to ${last}`;
  const rows = `rows ${formatCount(first_row)} to ${formatCount(last_row)}`;
  const facts = [
    working > 0 ? `in work by ${workers.join(", ")}` : "",
    waiting > 0 ? cell.batches === 1 ? "waiting" : `${formatCount(waiting)} waiting` : "",
    given_up > 0 ? "given up" : "",
    failed_rows > 0 ? `${formatCount(failed_rows)} failed` : "",
    rolled_back > 0 ? "not loaded" : "",
    working + waiting + given_up + rolled_back + failed_rows === 0 ? "done" : "",
  ].filter((fact) => fact !== "");
  return `${name}, ${rows}: ${facts.join(", ")}`;
}

function summary(cells: readonly StripCell[]): string {
  const sum = (of: (cell: StripCell) => number) => cells.reduce((all, cell) => all + of(cell), 0);
  const batches = sum((cell) => cell.batches);
  const [waiting, working] = [sum((cell) => cell.waiting), sum((cell) => cell.working)];
  const back = sum((cell) => cell.rolled_back);
  const all = `${formatCount(batches)} ${batches === 1 ? "batch" : "batches"}`;
  if (back > 0) return `${formatCount(back)} of ${all} tried, none loaded`;
  const done = batches - waiting - working;
  return [
    `${formatCount(done)} of ${all} done`,
    ...(working > 0 ? [`${formatCount(working)} in work`] : []),
    ...(waiting > 0 ? [`${formatCount(waiting)} waiting`] : []),
  ].join(", ");
}
