/** The text that becomes a column's value. Each step of the column goes on with the one before. */

/** Its bytes: in the record, or in the scratch. */
export let textStart: usize = 0;
export let textEnd: usize = 0;
/** There is no value. Then the text is meaningless. */
export let isNull: bool = false;

// AssemblyScript can't assign to what it imports.

export function setText(from: usize, to: usize): void {
  textStart = from;
  textEnd = to;
  isNull = false;
}

export function setNull(): void {
  isNull = true;
}
