/** Names and texts as SQL has them, whatever characters are in them. */

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function identifiers(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + identifier(name)).join(", ");
}

export function qualified(table: { readonly schema: string; readonly name: string }): string {
  return `${identifier(table.schema)}.${identifier(table.name)}`;
}

export function literal(text: string): string {
  // A backslash means itself or begins an escape, depending on standard_conforming_strings.
  if (text.includes("\\")) return ` E'${insideLiteral(text.replaceAll("\\", "\\\\"))}'`;
  return `'${insideLiteral(text)}'`;
}

/** For what stands between quotes already. */
export function insideLiteral(text: string): string {
  return text.replaceAll("'", "''");
}
