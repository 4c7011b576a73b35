/** What becomes of a file's values for a column that Postgres numbers itself. */
import type { Definition } from "../importer/definition.ts";
import type { TableColumn } from "../load/table.ts";

export interface IdentityUse {
  /**
   * `write`: the file's numbers are kept. `compare`: they only find the rows that have them. `leave`:
   * Postgres numbers the rows anew. `unsaid`: the definition has to say which.
   */
  readonly use: "write" | "compare" | "leave" | "unsaid";
  /** Why, if the definition doesn't say so. */
  readonly warning: string | null;
}

type Rules = Pick<Definition, "identity" | "on_missing" | "on_duplicate">;

/**
 * @param given How the file's column is called, for messages.
 * @param isMapped Whether the definition names the column.
 */
export function identityUse(
  { identity: said = null, on_missing, on_duplicate }: Rules,
  { name, identity, referenced }: TableColumn,
  given: string,
  isKey: boolean,
  isMapped: boolean,
): IdentityUse {
  const use = (use: IdentityUse["use"], warning: string | null = null) => ({ use, warning });
  if (identity === null) return use("write");
  if (said === "generate") return use(isKey ? "compare" : "leave");
  if (said === "keep" || identity === "by default") return use("write");
  // Nothing is inserted, so nothing is numbered.
  if (isKey && on_missing !== "insert") return use("compare");
  const what =
    `File column ${given} fills ${name}, which Postgres numbers itself (generated always)`;
  if (isKey) {
    return use(
      "write",
      `${what}. Its numbers are kept, because ${name} is the key. ` +
        "identity: generate would only look them up, and give new rows new numbers.",
    );
  }
  if (isMapped) return use("unsaid");
  if (referenced) {
    const updates = on_duplicate === "update" || on_duplicate === "update_if_newer";
    return use(
      "write",
      `${what}. Its numbers are kept, because foreign keys refer to ${name}. ` +
        "identity: generate would number the rows anew." +
        (updates ? " Rows that are updated keep the number that they have." : ""),
    );
  }
  return use(
    "leave",
    `File column ${given} is not used: Postgres numbers ${name} itself (generated always). ` +
      "identity: keep would keep the file's numbers.",
  );
}
