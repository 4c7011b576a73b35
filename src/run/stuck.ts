/** Which COPYs have stopped moving: decisions only. */
import type { RunningCopy } from "../ledger/stuck.ts";

export interface Look extends RunningCopy {
  /** Milliseconds since 1970 when it was first seen with these bytes. */
  readonly since: number;
}

/**
 * A COPY is stuck when its sender is waited for, and not a byte has come between two looks that
 * are `stuckAfter` milliseconds apart. A statement that merely takes long is not.
 */
export function findStuck(
  before: readonly Look[],
  copies: readonly RunningCopy[],
  now: number,
  stuckAfter: number,
): { readonly looks: readonly Look[]; readonly stuck: readonly number[] } {
  const looks = copies.filter((copy) => copy.waiting_for_client).map((copy) => {
    const known = before.find((look) => isSame(look, copy));
    return { ...copy, since: known?.since ?? now };
  });
  return {
    looks,
    stuck: looks.filter((look) => now - look.since >= stuckAfter).map((look) => look.pid),
  };
}

function isSame(look: Look, copy: RunningCopy): boolean {
  return look.pid === copy.pid && look.began === copy.began && look.bytes === copy.bytes;
}
