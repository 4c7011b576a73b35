/** What becomes of a file's values for a column that Postgres numbers itself. */
import type { Definition } from "../importer/definition.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";

export interface IdentityUse {
  /**
   * `write`: the file's numbers are kept. `compare`: they only find the rows that have them. `leave`:
   * Postgres numbers the rows anew. `unsaid`: the definition has to say which.
   */
  readonly use: "write" | "compare" | "leave" | "unsaid";
  /** Why, if the definition doesn't say so. */
  readonly warning: string | null;
}

type Rules = Pick<Definition, "identity" | "key" | "on_missing" | "on_duplicate">;

export interface FilledColumn {
  readonly column: TableColumn;
  /** How the file's column is called, for messages. */
  readonly given: string;
  /** The definition's key includes it. */
  readonly isKey: boolean;
  /** The definition names the column. */
  readonly isMapped: boolean;
}

export function identityUse(
  { identity: said = null, key, on_missing, on_duplicate }: Rules,
  table: Pick<Table, "uniqueIndexes">,
  { column, given, isKey, isMapped }: FilledColumn,
): IdentityUse {
  const { name, identity, referenced, sequence } = column;
  const use = (use: IdentityUse["use"], warning: string | null = null) => ({ use, warning });
  if (said === "generate" && (identity !== null || sequence !== null)) {
    return use(isKey ? "compare" : "leave");
  }
  if (said === "keep" || identity !== "always") return use("write");
  // Nothing is inserted, so nothing is numbered.
  if (isKey && on_missing !== "insert") return use("compare");
  const kept =
    `File column ${given} fills ${name}, which Postgres numbers itself (generated always). ` +
    "Its numbers are kept, because";
  const anew = "identity: generate would number the rows anew.";
  if (isKey) {
    return use(
      "write",
      `${kept} ${name} is the key. ` +
        "identity: generate would only look them up, and give new rows new numbers.",
    );
  }
  if (isMapped) return use("unsaid");
  if (referenced) {
    const updates = on_duplicate === "update" || on_duplicate === "update_if_newer";
    return use(
      "write",
      `${kept} foreign keys refer to ${name}. ${anew}` +
        (updates ? " Rows that are updated keep the number that they have." : ""),
    );
  }
  // With another key, the file doesn't identify its rows by this number.
  if (key.length === 0 && isPrimary(table, name)) {
    return use("write", `${kept} ${name} is the table's primary key. ${anew}`);
  }
  return use(
    "leave",
    `File column ${given} is not used: Postgres numbers ${name} itself (generated always). ` +
      "identity: keep would keep the file's numbers.",
  );
}

function isPrimary({ uniqueIndexes }: Pick<Table, "uniqueIndexes">, name: string): boolean {
  return uniqueIndexes.some(({ primary, columns }) => primary && columns?.includes(name));
}
