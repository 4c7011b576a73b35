/**
 * Packed data that breaks off, or doesn't fit its checksum. What was unpacked before is right, as far as
 * anybody can tell.
 */
export class Damaged extends Error {
  override readonly name = "Damaged";

  /**
   * `what`: completes "The file …", as "ends in the middle". `at`: the byte of the packed file at which
   * that was noticed. `isWhole`: nothing is missing, but it may not be what was packed.
   */
  constructor(readonly what: string, readonly at: number, readonly isWhole = false) {
    super(`${what} (at byte ${at})`);
  }
}
