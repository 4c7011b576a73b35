/** The first rows as they would be loaded, with the wrong cells marked. */
import type { Child } from "hono/jsx";
import { normaliseName } from "../../../importer/key.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { fateOfDuplicates } from "./fates.ts";
import { Hidden } from "./hidden.tsx";
import {
  placesOf,
  type ShownCell,
  type ShownColumn,
  type ShownRow,
  shownRows,
} from "./shown_rows.ts";

interface Props {
  readonly seen: PreviewReport;
  readonly isWhole: boolean;
}

/** In a table with fewer rows, they are seen anyway. */
const FEW_ROWS = 8;

export function FailingRows({ seen, isWhole }: Props) {
  const { failing_rows: rows, failing, looked_at: looked } = seen;
  if (rows.length === 0 || (looked ?? 0) <= FEW_ROWS) return null;
  const all = rows.length === failing;
  return (
    <RowsTable {...{ seen, rows, isWhole }} repeats name="Rows that would fail">
      {all ? "The rows" : `The first ${rows.length} rows`} that would fail
    </RowsTable>
  );
}

export function FirstRows({ seen, isWhole }: Props) {
  const { rows } = seen;
  const isLoaded = seen.mapping !== null;
  const one = rows.length === 1;
  return (
    <RowsTable {...{ seen, rows, isWhole }} name="The first rows">
      {one ? "The first row" : `The first ${rows.length} rows`}{" "}
      {isLoaded ? `as ${one ? "it" : "they"} would be loaded` : "of the file"}
    </RowsTable>
  );
}

interface TableProps extends Props {
  readonly rows: PreviewReport["rows"];
  readonly name: string;
  /** What is wrong is said in every cell. */
  readonly repeats?: boolean;
  readonly children?: Child;
}

function RowsTable({ seen, rows: given, isWhole, name, repeats = false, children }: TableProps) {
  const { columns, rows, hidden } = shownRows(seen, given, { isWhole, repeats });
  if (rows.length === 0) return null;
  const skipped = fateOfDuplicates(seen.duplicates);
  return (
    <section class="first-rows">
      <h2>{children}</h2>
      <div class="scroll tall" tabindex={0} role="region" aria-label={name}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="line">{placesOf(seen.read_as).word}</th>
              {columns.map((column) => <Heading column={column} />)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <Row row={row} width={columns.length} fate={FATES[skipped]} />)}
          </tbody>
        </table>
      </div>
      {hidden > 0 && <Hidden count={hidden} />}
    </section>
  );
}

/** As the file spells it; below it what it is called in the table, where that is something else. */
function Heading({ column: { name, from } }: { column: ShownColumn }) {
  const heading = from === null || from.length === 0 ? name : from.join(" + ");
  if (normaliseName(heading) === normaliseName(name)) return <th scope="col">{heading}</th>;
  return (
    <th scope="col">
      <bdi>{heading}</bdi>
      <span class="to">
        <bdi>{name}</bdi>
      </span>
    </th>
  );
}

/** Of a row that the table, or the file, has already. */
const FATES = { added: "added", updated: "updates", skipped: "skipped", failing: "fails" } as const;

interface RowProps {
  readonly row: ShownRow;
  readonly width: number;
  /** What becomes of it if there is one like it already. */
  readonly fate: string;
}

function Row({ row: { place, cells, why, isDuplicate }, width, fate }: RowProps) {
  const isUnreadable = cells.length === 0;
  return (
    <>
      <tr class={isDuplicate ? "known" : undefined}>
        <th scope="row">{isDuplicate && <span class="fate">{fate}</span>}{place}</th>
        {isUnreadable
          ? (
            <td class="wrong" colspan={width}>
              <bdi>{why.join(" ")}</bdi>
            </td>
          )
          : cells.map((cell) => <Cell cell={cell} />)}
      </tr>
      {!isUnreadable && why.length > 0 && (
        <tr>
          <td></td>
          <td class="wrong" colspan={width}>
            <bdi>{why.join(" ")}</bdi>
          </td>
        </tr>
      )}
    </>
  );
}

function Cell({ cell: { text, isNull, isWrong, why } }: { cell: ShownCell }) {
  if (!isWrong) return <td>{isNull ? <i>empty</i> : text}</td>;
  return (
    <td class="wrong">
      {isNull ? <i>empty</i> : text}
      {why !== null && <span class="why">{why}</span>}
    </td>
  );
}
