/** How files of a kind are written. */
import { type Customer, customer, CUSTOMER_COLUMNS, jsonOf, lineOf } from "./customer.ts";
import { randomNumbers } from "./random.ts";

export interface Kind {
  readonly columns: readonly string[];
  readonly delimiter: "," | ";";
  /** The table that it is loaded into. */
  readonly table: string;
  /** What stands around and between the lines. Default: those of a CSV file with a header. */
  readonly frame?: Frame;
  /** Makes the lines, which must be requested in order. Null means that the file lacks this row. */
  lines(): (id: number) => string | null;
}

export interface Frame {
  /** How the file's name ends. */
  readonly extension: string;
  readonly first: string;
  readonly between: string;
  readonly last: string;
}

const SEED = 20_260_101;

interface CustomersFile {
  readonly seed?: number;
  readonly delimiter?: Kind["delimiter"];
  /** Which rows it has. Default: all. */
  has?(id: number): boolean;
}

/** A file of customers, after `change`. */
export function customers(
  change: (row: Customer, random: () => number) => void,
  { seed = SEED, delimiter = ",", has = () => true }: CustomersFile = {},
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

/** Some customers again and again, with other values each time. */
export function repeatedCustomers(keys: number): Kind {
  return plain(
    "customers",
    CUSTOMER_COLUMNS,
    (id, random) => lineOf(customer(1 + (id - 1) % keys, random), ","),
  );
}

/** The same customers as JSON: numbers and booleans as such, and no score as null. */
export function customersInJson(frame: Frame): Kind {
  return {
    columns: CUSTOMER_COLUMNS,
    delimiter: ",",
    table: "customers",
    frame,
    lines() {
      const random = randomNumbers(SEED);
      return (id) => jsonOf(customer(id, random));
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
