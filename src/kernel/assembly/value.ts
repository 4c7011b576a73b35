/** The value that was read last, as its canonical text: the bytes that Postgres gets. */

export let valueStart: usize = 0;
export let valueEnd: usize = 0;

/** Longer than any canonical text of a number or a moment, with slack for whole vectors. */
const ROOM: i32 = 96;
const room = memory.data(ROOM, 16);

/** The value is these bytes. */
// @ts-ignore: decorator
@inline
export function setValue(start: usize, end: usize): void {
  valueStart = start;
  valueEnd = end;
}

/** Where a reader writes a canonical text that differs from the field's. */
// @ts-ignore: decorator
@inline
export function valueRoom(): usize {
  return room;
}
