/** What several files and their columns are called. */
import { resolve, sep } from "node:path";

/** Short, and nothing that tells where the folder is. */
export function namesWithin(paths: readonly string[]): string[] {
  const parts = paths.map((path) => resolve(path).split(sep));
  const [first] = parts;
  let common = first.length - 1;
  for (const other of parts) {
    const differs = first.findIndex((part, i) => part !== other[i]);
    common = Math.min(common, other.length - 1, differs === -1 ? common : differs);
  }
  return parts.map((part) => part.slice(common).join("/"));
}

/** What a run of several files is called. */
export function nameOfAll(first: string, others: number): string {
  return `${first} and ${others === 1 ? "1 other file" : `${others} other files`}`;
}

interface NamedHeader {
  readonly name: string;
  readonly source: { readonly header: readonly string[] };
}

/** For each column that some files don't have, their names. */
export function missingColumns(
  opened: readonly NamedHeader[],
  header: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const missing = header.map((column) => {
    const without = opened.filter(({ source }) => !source.header.includes(column));
    return [column, without.map(({ name }) => name)] as const;
  });
  return new Map(missing.filter(([, names]) => names.length > 0));
}
