/** How files of a kind are written. */
import { type Customer, customer, CUSTOMER_COLUMNS, lineOf } from "./customer.ts";
import { randomNumbers } from "./random.ts";

export interface Kind {
  readonly columns: readonly string[];
  readonly delimiter: "," | ";";
  /** The table that it is loaded into. */
  readonly table: string;
  /** Makes the lines, which must be requested in order. Null means that the file lacks this row. */
  lines(): (id: number) => string | null;
}

interface CustomersFile {
  readonly seed?: number;
  readonly delimiter?: Kind["delimiter"];
  /** Which rows it has. Default: all. */
  has?(id: number): boolean;
}

/** A file of customers, after `change`. */
export function customers(
  change: (row: Customer, random: () => number) => void,
  { seed = 20_260_101, delimiter = ",", has = () => true }: CustomersFile = {},
): Kind {
  return {
    columns: CUSTOMER_COLUMNS,
    delimiter,
    table: "customers",
    lines() {
      const random = randomNumbers(seed);
      return (id) => {
        // Made even for rows that are left out, so that the others equal those of the whole file.
        const row = customer(id, random);
        if (!has(id)) return null;
        change(row, random);
        return lineOf(row, delimiter);
      };
    },
  };
}

export function plain(
  table: string,
  columns: readonly string[],
  line: (id: number, random: () => number) => string,
  delimiter: Kind["delimiter"] = ",",
): Kind {
  return {
    columns,
    delimiter,
    table,
    lines() {
      const random = randomNumbers(20_260_303);
      return (id) => line(id, random);
    },
  };
}
