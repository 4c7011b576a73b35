/** What is different about a table since it was read, in words. */
import type { TableShape } from "./table_shape.ts";

type ColumnShape = TableShape["columns"][number];

/** One phrase for each difference: `n of nums is bigint now, it was integer`. */
export function tableChanges(before: TableShape, after: TableShape): readonly string[] {
  const table = after.name;
  const changes: string[] = [];
  const isAnother = before.oid !== after.oid;
  if (isAnother) changes.push(`${table} was created anew`);
  const was = new Map(before.columns.map((column) => [column.name, column]));
  for (const column of after.columns) {
    const old = was.get(column.name);
    was.delete(column.name);
    const name = `${column.name} of ${table}`;
    if (old === undefined) {
      changes.push(`${name} is new`);
      continue;
    }
    if (!isAnother && old.number !== column.number) changes.push(`${name} is another column now`);
    changes.push(...columnChanges(name, old, column));
  }
  for (const name of was.keys()) changes.push(`${name} of ${table} is gone`);
  changes.push(
    ...listChanges("the unique index", before.uniqueIndexes, after.uniqueIndexes),
    ...listChanges("the foreign key", before.foreignKeys, after.foreignKeys),
    ...listChanges("the constraint", before.checks, after.checks),
    ...flagChange(before, after, "hasExclusionConstraint", "an exclusion constraint"),
    ...flagChange(before, after, "hasBeforeInsertTriggers", "BEFORE INSERT triggers"),
    ...flagChange(before, after, "hasBeforeUpdateTriggers", "BEFORE UPDATE triggers"),
    ...flagChange(before, after, "hasRules", "rules"),
    ...flagChange(before, after, "rowLevelSecurity", "row-level security"),
  );
  for (const [index, other] of (after.others ?? []).entries()) {
    const known = before.others?.[index];
    if (known !== undefined) changes.push(...tableChanges(known, other));
  }
  return changes;
}

function columnChanges(name: string, old: ColumnShape, now: ColumnShape): string[] {
  const changes: string[] = [];
  if (old.type !== now.type) changes.push(`${name} is ${now.type} now, it was ${old.type}`);
  if (old.notNull !== now.notNull) {
    changes.push(now.notNull ? `${name} must not be NULL any more` : `${name} may be NULL now`);
  }
  if (old.hasDefault !== now.hasDefault) {
    changes.push(now.hasDefault ? `${name} has a default now` : `${name} has no default any more`);
  }
  if (old.readonly !== now.readonly) {
    changes.push(now.readonly ? `${name} can't be written any more` : `${name} can be written now`);
  }
  if (old.identity !== now.identity) {
    changes.push(
      now.identity === null
        ? `${name} is no identity column any more`
        : `${name} is generated ${now.identity} as identity now`,
    );
  }
  if (old.type === now.type && String(old.enumLabels) !== String(now.enumLabels)) {
    changes.push(`${name} takes other values now: ${now.enumLabels?.join(", ")}`);
  }
  if (old.deterministic !== now.deterministic) changes.push(`${name} has another collation`);
  return changes;
}

function listChanges(
  what: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): string[] {
  const was = new Map(before.map((each) => [each.name, JSON.stringify(each)]));
  const is = new Map(after.map((each) => [each.name, JSON.stringify(each)]));
  return [
    ...[...is].filter(([name, now]) => was.get(name) !== now).map(([name]) =>
      `${what} ${name} ${was.has(name) ? "is different now" : "is new"}`
    ),
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `${what} ${name} is gone`),
  ];
}

/** The properties of a table that it has or hasn't. */
type Flag = {
  [Key in keyof TableShape]-?: TableShape[Key] extends boolean ? Key : never;
}[keyof TableShape];

function flagChange(before: TableShape, after: TableShape, flag: Flag, what: string): string[] {
  if (before[flag] === after[flag]) return [];
  return [`${after.name} has ${after[flag] ? `${what} now` : `no ${what} any more`}`];
}
