/** Describes keys to the kernel: the columns that a key has, as structures in its memory. */
import { describeColumns, type DescribedColumn } from "./columns.ts";
import { KEY } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { storeStructures } from "./structures.ts";

export interface DescribedKey {
  readonly columns: readonly DescribedColumn[];
  readonly nullsEqual: boolean;
}

/** Returns the place of the keys, which lie one after the other. */
export function describeKeys(kernel: Kernel, keys: readonly DescribedKey[]): number {
  const list = keys.map(({ columns, nullsEqual }) => ({
    nullsEqual,
    columns: describeColumns(kernel, columns),
    columnCount: columns.length,
  }));
  return storeStructures(kernel, KEY, list);
}
