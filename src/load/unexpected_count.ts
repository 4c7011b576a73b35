/**
 * Postgres has written another number of rows than it was given: the table isn't what the statement was
 * made for, or ingest is wrong.
 */
export class UnexpectedCount extends Error {
  override readonly name = "UnexpectedCount";
}
