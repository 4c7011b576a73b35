/** How long a preview may look into a table. */

/** Milliseconds that each look may take, also of a server that does other things. */
const PATIENCE = 5_000;
/** Milliseconds to wait for somebody who has locked the table. */
const LOCK_PATIENCE = 1_000;

/** SQL for the beginning of a transaction. */
export const LOOK_LIMITS =
  `set local statement_timeout = ${PATIENCE}; set local lock_timeout = ${LOCK_PATIENCE}`;
