/** The files: what each of them holds, and which of its rows are special, here and in SQL. */
import {
  type Customer,
  customer,
  HEADER,
  lineOf,
  makeForeign,
  makeInvalid,
  makeOld,
  makeTaken,
  makeTooRich,
} from "./customer.ts";
import { randomNumbers } from "./random.ts";
import { NARROW_HEADER, narrowLine, wideHeader, wideLine } from "./shapes.ts";

/** What a file of a kind is written from. */
export interface Kind {
  readonly header: string;
  /** Makes lines, asked for in order; null: the file has no such row. */
  lines(): (id: number) => string | null;
}

/** One row in twenty. */
const isInvalid = (id: number) => id % 20 === 7;
/** One in a hundred; half of them are in the table before, half break a CHECK constraint. */
const isTaken = (id: number) => id % 200 === 7;
const isTooRich = (id: number) => id % 200 === 107;
const isForeign = (id: number) => id % 100 === 7;
/** One in ten. */
const isOld = (id: number) => id % 10 === 3;

/** Which rows of a table those are. */
export const IN_SQL = {
  invalid: "id % 20 = 7",
  taken: "id % 200 = 7",
  refused: "id % 200 in (7, 107)",
  foreign: "id % 100 = 7",
} as const;

export const KINDS = {
  valid: customers(() => {}),
  /** The same keys, other values: every row is an update. */
  other: customers(() => {}, 20_260_202),
  invalid: customers((row) => {
    if (isInvalid(row.id)) makeInvalid(row, Math.floor(row.id / 20));
  }),
  all_invalid: customers((row) => makeInvalid(row, row.id)),
  refused: customers((row) => {
    if (isTaken(row.id)) makeTaken(row);
    if (isTooRich(row.id)) makeTooRich(row);
  }),
  foreign: customers((row) => {
    if (isForeign(row.id)) makeForeign(row);
  }),
  some_old: customers((row) => {
    if (isOld(row.id)) makeOld(row);
  }),
  /** Of the file before this one only the rows that fail under a narrow limit. */
  only_old: customers(makeOld, undefined, isOld),
  narrow: plain(NARROW_HEADER, narrowLine),
  wide: plain(wideHeader(), wideLine),
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** How many of the first `rows` are special. */
export function countSpecial(rows: number) {
  const count = (is: (id: number) => boolean) => {
    let found = 0;
    for (let id = 1; id <= rows; id++) if (is(id)) found++;
    return found;
  };
  return {
    invalid: count(isInvalid),
    refused: count((id) => isTaken(id) || isTooRich(id)),
    foreign: count(isForeign),
    old: count(isOld),
  };
}

function customers(
  change: (row: Customer) => void,
  seed = 20_260_101,
  has: (id: number) => boolean = () => true,
): Kind {
  return {
    header: HEADER,
    lines() {
      const random = randomNumbers(seed);
      return (id) => {
        // Also for rows that are left out, so that the others are those of the whole file.
        const row = customer(id, random);
        if (!has(id)) return null;
        change(row);
        return lineOf(row);
      };
    },
  };
}

function plain(header: string, line: (id: number, random: () => number) => string): Kind {
  return {
    header,
    lines() {
      const random = randomNumbers(20_260_303);
      return (id) => line(id, random);
    },
  };
}
