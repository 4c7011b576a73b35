/** The rows of the table to which other rows belong: their values, by the position of a staged row. */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { asText } from "../as_text.ts";
import type { TableColumn } from "../catalog/table.ts";
import type { LoadPlan } from "../load_plan.ts";
import { isNewer, sameKeyCondition } from "../merge/merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { renamedStage, stageOf } from "../stage/stage_table.ts";

/** One entry for each row of the table; a staged row may have several, whose key is not unique. */
export interface Parents {
  readonly positions: readonly number[];
  /** By name of a column of the table, in the order of the positions. */
  readonly values: ReadonlyMap<string, readonly (string | null)[]>;
}

export interface FoundParents extends Parents {
  /** Whether the staged row is newer, where that matters. */
  readonly newer: readonly boolean[];
}

/** The columns whose values are needed. */
export function parentColumns({ related = [] }: LoadPlan): readonly TableColumn[] {
  const columns = related.flatMap((part) =>
    part.kind === "links" ? [part.parent.column] : part.links.map(({ parent }) => parent.column)
  );
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

/** Does a row that is there already get what belongs to it? Those that are skipped are left alone. */
export function updatesParents({ onDuplicate }: LoadPlan): boolean {
  return onDuplicate === "update" || onDuplicate === "update_if_newer";
}

/** SQL that selects `position`, and as `list` what belongs to the row, for the plan's part `index`. */
export function stagedLists(plan: LoadPlan, index: number): string {
  const { table, position, related } = stageOf(plan);
  return `select s.${position} as position, s.${
    identifier(related[index])
  } as list from ${table} s`;
}

/** What RETURNING of an INSERT has to give, beside the position: `values(row)`. */
export function parentTexts(plan: LoadPlan, row = ""): string {
  const texts = parentColumns(plan).map((column) =>
    asText(column, `${row}${identifier(column.name)}`)
  );
  return `array[${texts.join(", ")}]::text[]`;
}

/** SQL that finds the rows that are there already, of the positions from $1 to before $2. */
export function parentsStatement(plan: LoadPlan): string | null {
  if (plan.key.length === 0) return null;
  const { table, position } = stageOf(plan);
  const { names, column } = renamedStage(plan);
  const newer = isNewer(plan, column);
  return `select s.${position} as position, ${parentTexts(plan, "t.")} as texts,
      ${newer === null ? "true" : `(${newer}) is true`} as newer
    from ${table} s${names}, ${ownRows(plan.table)} t
    where s.${position} >= $1 and s.${position} < $2 and ${sameKeyCondition(plan, column)}`;
}

interface ParentRow {
  readonly position: number;
  readonly texts: readonly (string | null)[];
  readonly newer: boolean;
}

export async function findParents(
  session: Session,
  plan: LoadPlan,
  statement: string,
  from: number,
  to: number,
): Promise<FoundParents> {
  const rows = await session.query<ParentRow>(statement, [from, to]);
  return {
    ...asParents(plan, rows.map(({ position }) => position), rows.map(({ texts }) => texts)),
    newer: rows.map(({ newer }) => newer),
  };
}

export function asParents(
  plan: LoadPlan,
  positions: readonly number[],
  texts: readonly (readonly (string | null)[])[],
): Parents {
  const values = new Map(
    parentColumns(plan).map(({ name }, index) => [name, texts.map((row) => row[index])]),
  );
  return { positions, values };
}

/** Those that `takes` says yes to, by their index. */
export function someOf({ positions, values }: Parents, takes: (index: number) => boolean): Parents {
  const chosen = [...positions.keys()].filter(takes);
  return {
    positions: chosen.map((index) => positions[index]),
    values: new Map(
      [...values].map(([name, texts]) => [name, chosen.map((index) => texts[index])]),
    ),
  };
}

export function together(one: Parents, other: Parents): Parents {
  return {
    positions: [...one.positions, ...other.positions],
    values: new Map(
      [...one.values].map(([name, texts]) => [name, [...texts, ...other.values.get(name) ?? []]]),
    ),
  };
}
