/** What a row's columns are written to, one after the other. */
export interface RowWriter {
  /** So much was written; in what, is the writer's own affair. */
  readonly length: number;
  /** Takes back what was written after `length`. */
  truncate(length: number): void;
  /** Between two columns. */
  separator(): void;
  endRow(): void;
  null(): void;
  text(value: string): void;
}

/** The values themselves. */
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
