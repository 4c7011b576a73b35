/** The output that a row's columns are written to, one after the other. */
export interface RowWriter {
  /** How much was written, in a unit of the writer's own. */
  readonly length: number;
  /** Removes everything after `length`. */
  truncate(length: number): void;
  /** Call it between two columns. */
  separator(): void;
  endRow(): void;
  null(): void;
  text(value: string): void;
}

/** Keeps the values themselves. */
export class ValueList implements RowWriter {
  readonly values: (string | null)[] = [];

  get length(): number {
    return this.values.length;
  }

  truncate(length: number): void {
    this.values.length = length;
  }

  separator(): void {}

  endRow(): void {}

  null(): void {
    this.values.push(null);
  }

  text(value: string): void {
    this.values.push(value);
  }
}
