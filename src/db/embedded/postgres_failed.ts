/** The embedded Postgres can't be used. `message` is one line: why, and what to do. */
export class EmbeddedPostgresFailed extends Error {
  override readonly name = "EmbeddedPostgresFailed";
}
