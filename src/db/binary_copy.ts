/** The header and trailer of a binary COPY (Postgres: COPY, "Binary Format"). */
const SIGNATURE = Uint8Array.of(
  ...[80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0],
  ...new Array<number>(8).fill(0),
);
const TRAILER = Uint8Array.of(255, 255);

/** Everything to send to `COPY … FROM STDIN (FORMAT binary)` for these rows. */
export function binaryCopy(rows: Uint8Array): readonly Uint8Array[] {
  return [SIGNATURE, rows, TRAILER];
}
