/** Which column of the file fills which column of the table. */
import type { PreviewReport } from "../../../report/preview_schema.ts";

export function Mapping({ seen }: { seen: PreviewReport }) {
  const { mapping, not_used: unused, not_filled: unfilled, header, table_columns } = seen;
  if (mapping === null) return <Misfit header={header} columns={table_columns} />;
  return (
    <section class="mapping">
      <h2>What goes where</h2>
      <div class="scroll tall" tabindex={0} role="region" aria-label="What goes where">
        <table>
          <thead>
            <tr>
              <th scope="col">In the file</th>
              <th scope="col">Column of the table</th>
              <th scope="col">Type</th>
            </tr>
          </thead>
          <tbody>
            {mapping.map(({ column, type, required, from }) => (
              <tr>
                <td>
                  {from.length === 0
                    ? <i>the same for every row</i>
                    : <bdi>{from.join(" + ")}</bdi>}
                </td>
                <th scope="row">
                  <bdi>{column}</bdi>
                  {required && <span class="tag must">required</span>}
                </th>
                <td class="dim">{type}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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

interface MisfitProps {
  readonly header: readonly string[];
  readonly columns: PreviewReport["table_columns"];
}

/** Both sides, so that people see why they don't match. */
function Misfit({ header, columns }: MisfitProps) {
  return (
    <section class="mapping">
      <p class="left">
        <b>The file’s columns:</b> <Names of={header} />
      </p>
      {columns !== null && (
        <p class="left">
          <b>The table’s columns:</b> <Names of={columns.map(({ name }) => name)} />
        </p>
      )}
    </section>
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
