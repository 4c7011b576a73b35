/** A many-to-many relation: a column of the file lists what the row belongs to. */
/** What becomes of links that the row's list doesn't have. */
export const SYNC = ["add", "replace"] as const;

/** `Item`: the rule of a column; named by whoever knows it, so that no two files import each other. */
export interface ManyRuleOf<Item> {
  /** Aliases, of which the first that the file has is used. The first names the list in messages. */
  readonly from: readonly string[];
  /** Between the values of a text. Null: a comma, or the text is a JSON array. */
  readonly separator: string | null;
  /** The list may not be empty. */
  readonly required: boolean;
  /** How each value is read, checked and looked up. */
  readonly item: Item;
  readonly pivot: PivotRule;
  readonly sync: (typeof SYNC)[number];
}

/** The table with a row for each link. */
export interface PivotRule {
  /** As written: `customer_tags` or `crm.customer_tags`. */
  readonly table: string;
  /** Its column that refers to the imported row. */
  readonly local: string;
  /** Its column that gets the value, or what was found for it. */
  readonly foreign: string;
  /** Constants for its other columns. Only links that have them are looked at. */
  readonly values: Readonly<Record<string, string | null>>;
}
