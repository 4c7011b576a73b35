/** The first rows as they would be loaded, with the wrong cells marked. */
import { formatCount } from "../../../report/numbers.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { type ShownCell, type ShownRow, shownRows } from "./shown_rows.ts";

export function RowsTable({ seen }: { seen: PreviewReport }) {
  const { columns, rows, hidden } = shownRows(seen);
  if (rows.length === 0) return null;
  const isLoaded = seen.mapping !== null;
  return (
    <section class="first-rows">
      <h2>
        {rows.length === 1 ? "The first row" : `The first ${rows.length} rows`}{" "}
        {isLoaded ? `as ${rows.length === 1 ? "it" : "they"} would be loaded` : "of the file"}
      </h2>
      <div class="scroll tall" tabindex={0} role="region" aria-label="The first rows">
        <table>
          <thead>
            <tr>
              <th scope="col" class="line">line</th>
              {columns.map(({ name, from }) => (
                <th scope="col">
                  <bdi>{name}</bdi>
                  {from !== null && from.join() !== name && (
                    <span class="from">
                      <bdi>{from.join(" + ")}</bdi>
                    </span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <Row row={row} width={columns.length} />)}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <p class="about">
          {formatCount(hidden)} more {hidden === 1 ? "column isn’t" : "columns aren’t"} shown here.
        </p>
      )}
    </section>
  );
}

function Row({ row: { line, cells, why }, width }: { row: ShownRow; width: number }) {
  const isUnreadable = cells.length === 0;
  return (
    <>
      <tr>
        <th scope="row" class="line">{line}</th>
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
