/** How a definition's rows go into its table, and whether they can. */
import type { Definition } from "../importer/definition.ts";
import { findNamed } from "../importer/against_table/cut_name.ts";
import { keyTarget } from "../importer/key.ts";
import { TargetError } from "../load/catalog/introspect.ts";
import type { LoadPlan } from "../load/load_plan.ts";
import { findObstacles, obstacles } from "../load/obstacles.ts";
import { newStageName } from "../load/stage/stage_table.ts";
import type { Table } from "../load/catalog/table.ts";
import type { CompiledPipeline } from "../row/compile.ts";
import { relatedOf } from "./related_plans.ts";
import { type IdentityUse, identityUse } from "../row/identity.ts";

/** The plan for a file. Whether its keys may repeat is not known yet. */
export function planLoad(
  definition: Definition,
  table: Table,
  pipeline: Pick<
    CompiledPipeline,
    "programs" | "compare" | "keyColumns" | "keyPredicate" | "onlyCompared" | "kept" | "related"
  >,
): LoadPlan {
  const { compare, programs, keyColumns, keyPredicate, onlyCompared, kept, related } = pipeline;
  const extra = compare?.stagingOnly === true;
  const written = programs.filter((_, index) => !(extra && index === compare.column));
  return {
    table,
    columns: written.map((program) => program.target),
    onlyCompared,
    kept,
    key: keyColumns,
    keyPredicate,
    onDuplicate: definition.on_duplicate,
    onMissing: definition.on_missing,
    ...(definition.on_absent !== undefined && { absent: definition.on_absent }),
    compare: compare && { target: compare.target, extra },
    keysMayRepeat: false,
    undo: definition.options.undo,
    stageName: newStageName(),
    ...relatedOf(
      definition,
      table,
      related.map((each) =>
        "many" in each ? each : {
          nested: each.nested,
          plan: (child, own) => planLoad(child, own, each.pipeline),
        }
      ),
    ),
  };
}

/** Throws TargetError if no row could be loaded. */
export function refuseObstacles(plan: LoadPlan): void {
  const found = findObstacles(plan);
  if (found.length === 0) return;
  const withoutSql = found.map(({ problem }) => `${problem}.`).join(" ");
  throw new TargetError(obstacles(plan).join(" "), withoutSql);
}

export interface ObstaclesToAny {
  /** With these, no file can be loaded. */
  readonly problems: readonly string[];
  /** With these, a file can't be loaded that has a column for each of the table's. */
  readonly warnings: readonly string[];
}

/** For `check`, which has no file: without `columns`, a file may have any column of the table. */
export function obstaclesToAny(definition: Definition, table: Table): ObstaclesToAny {
  const { columns } = definition;
  const names = table.columns.filter(({ readonly }) => !readonly).map(({ name }) => name);
  if (columns !== null) {
    const mapped = names.filter((name) => Object.hasOwn(columns, name));
    return { problems: obstacles(planFor(definition, table, mapped)), warnings: [] };
  }
  const allowed = table.columns.filter(({ mayInsert }) => mayInsert !== false)
    .map(({ name }) => name).filter((name) => names.includes(name));
  const all = obstacles(planFor(definition, table, names));
  if (allowed.length === 0) return { problems: all, warnings: [] };
  const problems = obstacles(planFor(definition, table, allowed));
  return { problems, warnings: all.filter((each) => !problems.includes(each)) };
}

/** The plan for a file that has a column for each of the table's which the definition fills. */
export function planForAny(definition: Definition, table: Table): LoadPlan {
  const { columns } = definition;
  const names = table.columns.filter(({ readonly }) => !readonly).map(({ name }) => name);
  const isFilled = (name: string) => columns === null || Object.hasOwn(columns, name);
  return planFor(definition, table, names.filter(isFilled));
}

function planFor(definition: Definition, table: Table, columns: readonly string[]): LoadPlan {
  const target = definition.compare?.target;
  const key = definition.key.flatMap((entry) => {
    const named = definition.columns === null
      ? findNamed(table.columns, entry)?.name
      : keyTarget(entry, definition.columns);
    return named === undefined || named === null ? [] : [named];
  });
  const isUsed = (name: string, ...uses: readonly IdentityUse["use"][]) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) return false;
    const filled = {
      column,
      given: name,
      isKey: key.includes(name),
      isMapped: definition.columns !== null,
    };
    return uses.includes(identityUse(definition, table, filled).use);
  };
  return {
    ...relatedOf(definition, table, [
      ...(definition.many ?? []).map((_, many) => ({ many })),
      ...(definition.nested ?? []).map((_, nested) => ({ nested, plan: planForAny })),
    ]),
    table,
    columns: columns.filter((name) => !isUsed(name, "leave")),
    onlyCompared: columns.filter((name) => isUsed(name, "compare")),
    kept: [],
    key,
    // Whether the index has this condition is said elsewhere.
    keyPredicate: definition.key_where ?? null,
    onDuplicate: definition.on_duplicate,
    onMissing: definition.on_missing,
    ...(definition.on_absent !== undefined && { absent: definition.on_absent }),
    compare: target === undefined ? null : { target, extra: !columns.includes(target) },
    keysMayRepeat: false,
  };
}
