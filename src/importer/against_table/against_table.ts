/** Compares a definition with the table that it loads into. */
import type { ColumnRule, Definition } from "../definition.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import { mappedRules } from "../column_mapping.ts";
import { checkAbsentRows } from "./absent_against_table.ts";
import { checkGates } from "./gates_against_table.ts";
import { keyTarget } from "../key.ts";
import { checkChildren } from "../related/children_against_tables.ts";
import { checkLinks } from "../related/links_against_tables.ts";
import { describe, type Origin, type Problem, Problems } from "../problem.ts";
import { noColumn } from "./no_column.ts";
import { checkColumnAgainst, mustSayIdentity } from "./column_against_table.ts";
import { checkKeyCondition, checkUnmappedKey } from "./key_against_table.ts";

export interface TableFindings {
  /** With these, a run would fail. */
  readonly problems: readonly Problem[];
  /** Worth knowing, but a run can work. */
  readonly warnings: readonly Problem[];
}

/** A run's snapshot of its definition has no file and no lines. */
export function originOfSnapshot({ slug }: Definition): Origin {
  return { file: `importer ${slug}`, positions: new Map() };
}

/**
 * Compares a definition with the table that it loads into. `origin`: the definition's file and
 * positions.
 */
export function checkAgainstTable(
  definition: Definition,
  table: Table,
  origin: Origin = originOfSnapshot(definition),
): TableFindings {
  const problems = new Problems(origin);
  const warnings = new Problems(origin);
  compareWithTable(definition, table, problems, warnings);
  checkIdentity(definition, table, warnings);
  return { problems: problems.list, warnings: warnings.list };
}

/** The same for whoever collects problems already. */
function compareWithTable(
  definition: Definition,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  if (definition.columns === null) {
    checkUnmappedKey(definition, table, problems);
  } else {
    const keys = definition.key.map((entry) => keyTarget(entry, definition.columns ?? {}));
    for (const [target, rule] of Object.entries(definition.columns)) {
      checkColumnAgainst(table, target, rule, problems, warnings);
      const column = columns.get(target);
      // Whether a key's numbers are kept or only compared follows from the rest.
      const isSaid = (definition.identity ?? null) !== null || keys.includes(target);
      if (column?.identity === "always" && !isSaid) {
        problems.add(["columns", target], {
          found: "a column that Postgres numbers itself",
          expected: "identity: keep or identity: generate",
          sentence: mustSayIdentity(target),
        });
      }
    }
    checkMissing(definition, mappedRules(definition), table, problems, warnings);
  }
  for (const [index, many] of (definition.many ?? []).entries()) {
    checkLinks(["many", index], many, table, table.related?.[index], problems, warnings);
  }
  for (const [index, nested] of (definition.nested ?? []).entries()) {
    const [found, path] = [table.children?.[index], ["nested", index]];
    const inner = checkChildren(path, nested, definition, table, found, problems);
    if (inner === null) continue;
    const [child, its] = inner;
    compareWithTable(child, its, problems.within(path), warnings.within(path));
  }
  checkGates(definition, table, problems);
  checkKeyCondition(definition, table, problems, warnings);
  checkAbsentRows(definition, table, problems, warnings);
  const target = definition.compare?.target;
  if (target !== undefined && !columns.has(target)) {
    noColumn(["compare", "target"], target, table, problems);
  }
}

function checkIdentity(definition: Definition, table: Table, warnings: Problems): void {
  const said = definition.identity ?? null;
  const isNumbered = ({ identity, sequence }: TableColumn) =>
    identity !== null || (said === "generate" && sequence !== null);
  if (said === null || table.columns.some(isNumbered)) return;
  warnings.add(["identity"], {
    found: describe(said),
    expected: "a column that Postgres numbers",
    sentence: `${table.name} has no column that Postgres numbers, so this changes nothing`,
  });
}

/** Reports NOT NULL columns without a default that nothing fills. */
function checkMissing(
  definition: Definition,
  mapped: Readonly<Record<string, ColumnRule>>,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  if (definition.on_missing !== "insert") return;
  const updates = definition.on_duplicate === "update" ||
    definition.on_duplicate === "update_if_newer";
  // With `unmapped: auto`, it depends on the file, which has not been read yet.
  const fatal = !updates && !table.hasBeforeInsertTriggers &&
    definition.options.unmapped !== "auto";
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.readonly) continue;
    if (Object.hasOwn(mapped, column.name)) continue;
    const consequence = fatal
      ? "no row can be inserted"
      : table.hasBeforeInsertTriggers
      ? "rows will fail unless a trigger fills it"
      : updates
      ? "existing rows can be updated, but new ones will fail"
      : "a file without it will fail";
    (fatal ? problems : warnings).add(["columns"], {
      found: `nothing for ${column.name}`,
      expected: `a source for ${column.name}`,
      sentence: `nothing fills ${column.name}, which is NOT NULL without a default: ${consequence}`,
    });
  }
}
