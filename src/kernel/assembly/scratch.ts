/** Room for values that are made from a field's bytes: a value at a time, so it is small. */
import { scratchPlace, Size } from "./memory";
import { VECTOR } from "./vectors";

const BYTES: usize = Size.scratch;

let free: usize = 0;

/** Begins another value: all room is free again. */
export function clearScratch(): void {
  free = scratchPlace();
}

/** Takes room for so many bytes, and a vector after them. Returns its place; 0 if there is none. */
export function takeScratch(bytes: usize): usize {
  const place = free;
  const behind = place + bytes + VECTOR;
  if (bytes > BYTES || behind > scratchPlace() + BYTES) return 0;
  free = behind;
  return place;
}
