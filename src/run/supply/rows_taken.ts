/** Rows that a retry has planned are another retry's by now, or fixed: it can't go on with them. */
export class RowsTaken extends Error {
  override readonly name = "RowsTaken";
}
