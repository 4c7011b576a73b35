/** How a file fills the columns of its table, or of several, in words of a preview. */
import type { UserSettings } from "../../db/session_settings.ts";
import type { Definition } from "../../importer/definition.ts";
import { routeDefinitions } from "../../importer/routes/routes.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import type { CompiledPipeline } from "../../row/compile.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { type Fitted, readersIn, routesIn } from "../fit.ts";
import { localTimeZone } from "./compare.ts";

export interface MappedColumn {
  /** The table's column. */
  readonly column: string;
  readonly type: string;
  /** Every row needs a value for it. */
  readonly required: boolean;
  /** The file's columns; none for a constant or a default. */
  readonly from: readonly string[];
  /** The definition gives every row the same value: a mapping can't change it. */
  readonly constant?: true;
}

/** A column of the table that a file may fill. */
export interface FillableColumn {
  readonly name: string;
  readonly type: string;
  /** A new row can't be without it. */
  readonly required: boolean;
  /** Postgres has a value for it, if the file has none. */
  readonly hasDefault: boolean;
}

export interface DescribedFit {
  readonly mapping: readonly MappedColumn[];
  /** Columns of the file, and of the table. */
  readonly notUsed: readonly string[];
  readonly notFilled: readonly string[];
  /** In which local times would be read; null if the table has no column for them. */
  readonly timeZone: string | null;
}

/** `table`: of several, the first one, with all of them. */
export function describeFit(
  fit: Fitted & { readonly table: Table; readonly settings: UserSettings },
  { header }: ResolvedSource,
  definition: Definition,
): DescribedFit {
  const { routes: tables = [fit.table] } = fit.table;
  const described = routesIn(fit).map(({ pipeline }, index) =>
    describeRoute(pipeline, header, routeDefinitions(definition)[index], {
      table: tables[index],
      isOne: fit.routes === null,
    })
  );
  const used = new Set(readersIn(fit).flatMap(({ fields }) => fields));
  for (const { related } of routesIn(fit).map(({ pipeline }) => pipeline)) {
    for (const { program } of related) program.fields.forEach((field) => used.add(field));
  }
  return {
    mapping: described.flatMap(({ mapping }) => mapping),
    notUsed: header.filter((_, field) => !used.has(field)),
    notFilled: described.flatMap(({ notFilled }) => notFilled),
    timeZone: tables.map((table) => localTimeZone(table, fit.settings))
      .find((zone) => zone !== null) ?? null,
  };
}

/** A column says its table if there are several. */
function describeRoute(
  { programs, keyColumns }: CompiledPipeline,
  header: readonly string[],
  { columns }: Definition,
  { table, isOne }: { readonly table: Table; readonly isOne: boolean },
): Pick<DescribedFit, "mapping" | "notFilled"> {
  const named = (column: string) => isOne ? column : `${table.name}.${column}`;
  const filled = new Set(programs.map(({ target }) => target));
  const isConstant = (target: string) =>
    Object.hasOwn(columns ?? {}, target) && columns?.[target].value !== null;
  return {
    mapping: programs.map(({ target, column, fields }) => ({
      column: named(target),
      type: column.type,
      required: columns?.[target]?.required === true || keyColumns.includes(target) ||
        fillable(column).required,
      from: fields.map((field) => header[field]),
      ...isConstant(target) && { constant: true as const },
    })),
    notFilled: table.columns.map(({ name }) => name).filter((name) => !filled.has(name)).map(named),
  };
}

/** Those of several tables can't be mapped for a single run. */
export function fillableIn(table: Table | null): readonly FillableColumn[] | null {
  if (table === null || table.routes !== undefined) return null;
  return table.columns.filter(({ readonly }) => !readonly).map(fillable);
}

function fillable({ name, type, notNull, hasDefault, identity }: TableColumn): FillableColumn {
  const hasOwn = hasDefault || identity !== null;
  return { name, type, required: notNull && !hasOwn, hasDefault: hasOwn };
}
