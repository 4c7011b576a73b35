/** A definition whose rows go into one of several tables, as one definition for each of them. */
import type { Definition } from "../definition.ts";
import type { Origin, Path } from "../problem.ts";

/** In the order in which tables are offered a row. Of an ordinary definition: itself. */
export function routeDefinitions(definition: Definition): readonly Definition[] {
  const { tables, ...shared } = definition;
  if (tables === undefined) return [definition];
  return tables.map(({ when: _, ...own }) => ({ ...shared, ...own }));
}

/** Its tables, as it names them. */
export function tableNames(
  { table, tables }: Pick<Definition, "table" | "tables">,
): readonly string[] {
  return tables === undefined ? [table] : tables.map((each) => each.table);
}

/** Do its hooks say which of its tables takes a row, as far as it says so itself? */
export function isChosenByHooks({ tables = [], hooks }: Definition): boolean {
  return hooks !== undefined && tables.length > 1 && tables[0].when === null;
}

/** What stands for them where there is room for one name. */
export function namedTogether(tables: readonly string[]): string {
  return tables.join(", ");
}

/** Where the parts of one table's definition are in the file: its own, or shared. */
export function atRoute(origin: Origin, definition: Definition, index: number): Origin {
  return { ...origin, whole: (path) => wholePath(definition, index, path) };
}

/** Where a part of one table's definition is in the file. */
export function wholePath(definition: Definition, index: number, path: Path): Path {
  const own = definition.tables?.[index];
  const [key, name] = path;
  if (own === undefined || typeof key !== "string" || !Object.hasOwn(own, key)) return path;
  const valueIn = (from: object) => {
    const value: unknown = Reflect.get(from, key);
    const isInside = key === "columns" && name !== undefined && typeof value === "object" &&
      value !== null;
    return JSON.stringify(isInside ? Reflect.get(value, name) : value);
  };
  return valueIn(own) === valueIn(definition) ? path : ["tables", index, ...path];
}
