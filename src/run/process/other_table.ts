/**
 * The batch's program was compiled for another table: it has changed since, or one in which its values
 * are looked up has.
 */
export class TableChanged extends Error {
  override readonly name = "TableChanged";
}
