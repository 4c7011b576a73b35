/** Which column of the file fills which column of the table. Scripts make it a choice. */
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { type Allowed, type MappingRow, mappingRows } from "./mapping_rows.ts";

export function Mapping({ seen, allowed }: { seen: PreviewReport; allowed: Allowed }) {
  const { mapping, not_used: unused, not_filled: unfilled, header } = seen;
  const rows = mappingRows(seen, allowed);
  return (
    <section class="mapping">
      <h2>What goes where</h2>
      {mapping === null && (
        <p class="left">
          <b>The file’s columns:</b> <Names of={header} />
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
      <template data-file-columns="">
        {header.filter((name) => name !== "").map((name) => <option>{name}</option>)}
      </template>
      {unused !== null && unused.length > 0 && (
        <p class="left">
          <b>Not used from the file:</b> <Names of={unused} />
        </p>
      )}
      {unfilled !== null && unfilled.length > 0 && (
        <p class="left">
          <b>Not filled in the table:</b> <Names of={unfilled} />
        </p>
      )}
    </section>
  );
}

interface RowProps {
  readonly row: MappingRow;
  readonly isFit: boolean;
}

function Row({ row: { column, type, required, from, isFree }, isFit }: RowProps) {
  return (
    <tr data-column={isFree ? column : undefined}>
      <td data-from={isFree ? JSON.stringify(from) : undefined}>
        {from.length > 0
          ? <bdi>{from.join(" + ")}</bdi>
          : <i>{isFree ? isFit ? "not filled" : "nothing yet" : "the same for every row"}</i>}
      </td>
      <th scope="row">
        <bdi>{column}</bdi>
        {required && <span class="tag must">required</span>}
      </th>
      <td class="dim">{type}</td>
    </tr>
  );
}

/** So many names are listed. */
const LISTED = 60;

function Names({ of }: { of: readonly string[] }) {
  return (
    <>
      {of.slice(0, LISTED).map((name) => (
        <>
          <span class="name">
            <bdi>{name === "" ? "(no name)" : name}</bdi>
          </span>
          {" "}
        </>
      ))}
      {of.length > LISTED && `and ${of.length - LISTED} more`}
    </>
  );
}
