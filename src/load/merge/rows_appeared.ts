/** Others write to the same rows while an attempt to load some is made. */

/** What earlier attempts have noticed of others that write to the same rows. */
export interface Others {
  /**
   * Rows that have appeared. If they do so again, they are no longer new. Then it is our own statements
   * that write or leave them: a trigger changes them, or a policy hides them from the UPDATE.
   */
  readonly known: Set<number>;
  interfere: boolean;
}

/**
 * Somebody has committed rows after the old values of all rows were kept, or after the UPDATE had looked
 * for rows. The attempt has to be made anew.
 */
export class RowsAppeared extends Error {
  override readonly name = "RowsAppeared";
  /** The staged rows that have the same keys, as far as they are known. */
  readonly positions: readonly number[];

  constructor(positions: readonly number[]) {
    super("Others have written these rows meanwhile");
    this.positions = positions;
  }
}
