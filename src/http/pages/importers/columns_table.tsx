/** Which column of a file fills which column of the table, and what its values have to be. */
import type { ColumnRule, Definition } from "../../../importer/definition.ts";
import { routeDefinitions } from "../../../importer/routes/routes.ts";
import type { Table } from "../../../load/catalog/table.ts";
import { changesOf, checksOf, originOf } from "./column_words.ts";

interface Row {
  readonly name: string;
  readonly rule: ColumnRule | null;
  readonly type: string;
  readonly required: boolean;
  readonly isKey: boolean;
}

/** `table`: null if it can't be read; of several, the first one, with all of them. */
export function ColumnsTables(
  { definition, table }: { definition: Definition; table: Table | null },
) {
  if (definition.tables === undefined) return <ColumnsTable {...{ definition, table, of: "" }} />;
  const tables = table?.routes ?? [];
  return (
    <>
      {routeDefinitions(definition).map((own, index) => (
        <ColumnsTable definition={own} table={tables[index] ?? null} of={` of ${own.table}`} />
      ))}
    </>
  );
}

function ColumnsTable(
  { definition, table, of }: { definition: Definition; table: Table | null; of: string },
) {
  const rows = rowsOf(definition, table);
  if (rows.length === 0) return null;
  return (
    <section class="columns-of">
      <h2>Columns{of}</h2>
      {definition.columns === null && (
        <p class="about">Columns of the file fill the table’s columns of the same name.</p>
      )}
      <div class="scroll" tabindex={0} role="region" aria-label={`Columns${of}`}>
        <table class={definition.columns === null ? "by-name" : "named"}>
          <thead>
            <tr>
              <th scope="col">Column of the table</th>
              {definition.columns !== null && <th scope="col">From the file</th>}
              <th scope="col">Type</th>
              {definition.columns !== null && <th scope="col">Checks</th>}
              {definition.columns !== null && <th scope="col">How it is read</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, rule, type, required, isKey }) => (
              <tr>
                <th scope="row">
                  <bdi>{name}</bdi>
                  {isKey && <span class="tag">key</span>}
                  {required && <span class="tag must">required</span>}
                </th>
                {rule !== null && <td>{originOf(rule)}</td>}
                <td>{type}</td>
                {rule !== null && <Words of={checksOf(rule)} />}
                {rule !== null && <Words of={changesOf(rule)} />}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Words({ of }: { of: readonly string[] }) {
  return (
    <td>
      {of.map((words, i) => (
        <>
          {i > 0 && "; "}
          <bdi>{words}</bdi>
        </>
      ))}
    </td>
  );
}

function rowsOf({ columns, key }: Definition, table: Table | null): readonly Row[] {
  const found = new Map(table?.columns.map((column) => [column.name, column]));
  const about = (name: string, rule: ColumnRule | null): Row => {
    const column = found.get(name);
    const isKey = key.includes(name) || rule?.from.some((from) => key.includes(from)) === true;
    const hasOwn = column !== undefined && (column.hasDefault || column.identity !== null);
    return {
      ...{ name, rule, isKey },
      type: rule?.type ?? column?.type ?? "",
      required: rule?.required === true || isKey ||
        (column?.notNull === true && !hasOwn && (rule?.default ?? rule?.value ?? null) === null),
    };
  };
  if (columns === null) {
    return [...found.values()].filter((column) => !column.readonly)
      .map(({ name }) => about(name, null));
  }
  return Object.entries(columns).map(([name, rule]) => about(name, rule));
}
