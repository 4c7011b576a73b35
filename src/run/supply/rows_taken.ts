/** Another retry has taken or fixed rows that this one had planned, so it can't continue. */
export class RowsTaken extends Error {
  override readonly name = "RowsTaken";
}
