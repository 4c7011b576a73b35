/** Which holders of locks have stopped moving: decisions only. */
import type { Holder } from "../../ledger/batches/stuck.ts";

export interface Look extends Holder {
  /** When the holder was first seen with this byte count, as `performance.now()`. */
  readonly since: number;
}

/**
 * A holder is stuck when Postgres waits for it in the middle of a statement and has received no
 * byte between two looks that are `stuckAfter` milliseconds apart. A statement that merely takes
 * long does not count as stuck.
 */
export function findStuck(
  before: readonly Look[],
  holders: readonly Holder[],
  now: number,
  stuckAfter: number,
): { readonly looks: readonly Look[]; readonly stuck: readonly number[] } {
  const looks = holders.filter((holder) => holder.waiting_for_client).map((holder) => {
    const known = before.find((look) => isSame(look, holder));
    return { ...holder, since: known?.since ?? now };
  });
  return {
    looks,
    stuck: looks.filter((look) => now - look.since >= stuckAfter).map((look) => look.pid),
  };
}

function isSame(look: Look, holder: Holder): boolean {
  return look.pid === holder.pid && look.began === holder.began && look.bytes === holder.bytes;
}
