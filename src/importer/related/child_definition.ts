/** Children as a definition of their own: they are mapped, checked and loaded like any rows. */
import type { ColumnRule, Definition, NestedRule } from "../definition.ts";

export interface ChildDefinition {
  readonly definition: Definition;
  /** For each name in its header: where the value is, by any of these, of which the first that is there. */
  readonly fields: readonly (readonly string[])[];
  readonly header: readonly string[];
}

/** The columns of `foreign_key` are left to whoever loads the children. */
export function childDefinition(parent: Definition, rule: NestedRule): ChildDefinition {
  const fields: (readonly string[])[] = [];
  const header: string[] = [];
  const nameFor = (names: readonly string[]) => {
    const known = fields.findIndex((each) => each.join("\0") === names.join("\0"));
    if (known >= 0) return header[known];
    let name = names[0];
    while (header.includes(name)) name += " ";
    fields.push(names);
    header.push(name);
    return name;
  };
  const columns = Object.entries(rule.columns).map(([target, column]) => [
    target,
    {
      ...column,
      from: readsEach(column) ? column.from.map((name) => nameFor([name])) : sourceOf(column),
    },
  ]);
  for (const { from } of rule.nested) nameFor([from]);
  const { mapping: _, overridden: __, many: ___, nested: ____, on_absent: _____, ...rest } = parent;
  return {
    fields,
    header,
    definition: {
      ...rest,
      table: rule.table,
      description: null,
      key: rule.key.filter((name) => !Object.hasOwn(rule.foreign_key, name)),
      key_where: null,
      on_duplicate: rule.on_duplicate,
      on_missing: "insert",
      compare: null,
      // Who maps such a column means the file's numbers.
      identity: "keep",
      columns: Object.fromEntries(columns),
      nested: rule.nested,
      options: { ...parent.options, strict_headers: false, unmapped: "ignore" },
    },
  };

  function sourceOf({ from }: ColumnRule): readonly string[] {
    return from.length === 0 ? [] : [nameFor(from)];
  }
}

function readsEach({ concat, transform, lookup = null }: ColumnRule): boolean {
  return concat !== null || transform.some(({ op }) => op === "concat") ||
    lookup !== null && lookup.match.length > 1;
}
