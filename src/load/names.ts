/** Names in SQL. */

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoted(table: { readonly schema: string; readonly name: string }): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}

export function quotedList(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + identifier(name)).join(", ");
}
