/** Which column of the file fills which column of the table. Scripts make it a choice. */
import { formatCount } from "../../../report/numbers.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { Hidden } from "./hidden.tsx";
import { type Allowed, type MappingRow, mappingRows } from "./mapping_rows.ts";

interface MappingProps {
  readonly seen: PreviewReport;
  readonly allowed: Allowed;
  readonly isWhole: boolean;
}

/** So many columns of the table are shown, unless somebody wants to see all. */
const MOST_ROWS = 80;
/** Characters of the file's headings that the page may carry along for its choices. */
const MOST_HEADINGS = 8_000;

export function Mapping({ seen, allowed, isWhole }: MappingProps) {
  const { mapping, not_used: unused, not_filled: unfilled, header } = seen;
  const all = mappingRows(seen, allowed);
  const rows = isWhole ? all : mostImportant(all, MOST_ROWS);
  const headings = headingsOf(seen);
  const isFree = bringsHeadings(seen, isWhole);
  const most = isWhole ? Infinity : LISTED;
  return (
    <section class="mapping">
      <h2>What goes where</h2>
      {mapping === null && (
        <p class="left">
          <b>The file’s columns:</b> <Names of={header} most={most} />
        </p>
      )}
      {rows.length > 0 && (
        <div class="scroll tall" tabindex={0} role="region" aria-label="What goes where">
          <table data-mapping={mapping === null ? "misfit" : "fits"}>
            <thead>
              <tr>
                <th scope="col">In the file</th>
                <th scope="col">Column of the table</th>
                <th scope="col">Type</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => <Row row={row} isFit={mapping !== null} />)}
            </tbody>
          </table>
        </div>
      )}
      {rows.length < all.length && <Hidden count={all.length - rows.length} />}
      {isFree && <template data-headings="">{headings}</template>}
      {unused !== null && unused.length > 0 && (
        <p class="left">
          <b>Not used from the file:</b> <Names of={unused} most={most} />
        </p>
      )}
      {unfilled !== null && unfilled.length > 0 && (
        <p class="left">
          <b>Not filled in the table:</b> <Names of={unfilled} most={most} />
        </p>
      )}
    </section>
  );
}

function headingsOf({ header }: PreviewReport): string {
  return JSON.stringify(header.filter((name) => name !== ""));
}

/** Does the page know all names of columns? Then they can be chosen, and saved. */
export function bringsHeadings(seen: PreviewReport, isWhole: boolean): boolean {
  return isWhole || headingsOf(seen).length <= MOST_HEADINGS;
}

/** Those that need somebody's decision come first, if there isn't room for all. */
function mostImportant(rows: readonly MappingRow[], most: number): readonly MappingRow[] {
  if (rows.length <= most) return rows;
  const isOpen = ({ required, from }: MappingRow) => required && from.length === 0;
  return [...rows.filter(isOpen), ...rows.filter((row) => !isOpen(row))].slice(0, most);
}

interface RowProps {
  readonly row: MappingRow;
  readonly isFit: boolean;
}

/** A script reads names from the cells; `data-from` is for those that no cell shows as they are. */
function Row({ row: { column, type, required, from, isFree }, isFit }: RowProps) {
  const isPlain = from.length === 1 && !/[\r\n]/u.test(from[0]);
  return (
    <tr data-fixed={isFree ? undefined : ""}>
      <td data-from={isFree && !isPlain ? JSON.stringify(from) : undefined}>
        {from.length > 0
          ? from.join(" + ")
          : <i>{isFree ? isFit ? "not filled" : "nothing yet" : "the same for every row"}</i>}
      </td>
      <th scope="row">{column}{required && <span class="tag must">required</span>}</th>
      <td>{type}</td>
    </tr>
  );
}

/** So many names are listed. */
const LISTED = 24;

function Names({ of, most }: { of: readonly string[]; most: number }) {
  return (
    <>
      {of.slice(0, most).map((name) => (
        <>
          <span class="name">
            <bdi>{name === "" ? "(no name)" : name}</bdi>
          </span>
          {" "}
        </>
      ))}
      {of.length > most && `and ${formatCount(of.length - most)} more`}
    </>
  );
}
