/** The kinds of files: what each contains, and which of its rows are special, here and in SQL. */
import { makeForeign, makeInvalid, makeOld, makeTaken, makeTooRich } from "./customer.ts";
import { cleanLine, contact, CONTACT_COLUMNS, MESSY_COLUMNS, messyLine, spoil } from "./contact.ts";
import { DIRTY_KINDS } from "./dirty.ts";
import { customers, customersInJson, type Kind, plain, repeatedCustomers } from "./kind.ts";
import { NARROW_COLUMNS, narrowLine, WIDE_COLUMNS, wideLine } from "./shapes.ts";
import { TYPE_KINDS } from "./types.ts";

/** One row in twenty. */
const isInvalid = (id: number) => id % 20 === 7;
/** Together one row in a hundred: half of them are taken, half violate a CHECK constraint. */
const isTaken = (id: number) => id % 200 === 7;
const isTooRich = (id: number) => id % 200 === 107;
const isForeign = (id: number) => id % 100 === 7;
/** One row in ten. */
const isOld = (id: number) => id % 10 === 3;
/** Three rows in a hundred. */
const isSpoilt = (id: number) => id % 100 < 3;

/** The file `repeated` has so many. */
export const REPEATED_KEYS = 10;

/** The same conditions in SQL. */
export const IN_SQL = {
  invalid: "id % 20 = 7",
  taken: "id % 200 = 7",
  refused: "id % 200 in (7, 107)",
  foreign: "id % 100 = 7",
  spoilt: "id % 100 < 3",
} as const;

/** Which of them are among the rows of a table. */
export const SPECIAL_ROWS: Readonly<Record<string, readonly (keyof typeof IN_SQL)[]>> = {
  customers: ["invalid", "taken", "refused", "foreign"],
  contacts: ["spoilt"],
};

export const KINDS = {
  valid: customers(() => {}),
  /** The same keys with other values: every row is an update. */
  other: customers(() => {}, { seed: 20_260_202 }),
  repeated: repeatedCustomers(REPEATED_KEYS),
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
  /** Only those rows of `some_old` that fail under a narrow limit. */
  only_old: customers(makeOld, { has: isOld }),
  messy: plain(
    "contacts",
    MESSY_COLUMNS,
    (id, random) => messyLine(contact(id, random), random),
    ";",
  ),
  /** The same with mistakes. */
  spoilt: plain("contacts", MESSY_COLUMNS, (id, random) => {
    const line = messyLine(contact(id, random), random);
    return isSpoilt(id) ? spoil(line, Math.floor(id / 100)) : line;
  }, ";"),
  /** What `messy` has to become. */
  cleaned: plain("contacts", CONTACT_COLUMNS, (id, random) => {
    const row = contact(id, random);
    // Takes as many random numbers.
    messyLine(row, random);
    return cleanLine(row);
  }),
  ndjson: customersInJson({ extension: "ndjson", first: "", between: "\n", last: "\n" }),
  array: customersInJson({ extension: "json", first: "[\n", between: ",\n", last: "\n]\n" }),
  narrow: plain("narrow", NARROW_COLUMNS, narrowLine),
  wide: plain("wide", WIDE_COLUMNS, wideLine),
  ...DIRTY_KINDS,
  ...TYPE_KINDS,
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** Counts the special ones among the first `rows`. */
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
    spoilt: count(isSpoilt),
  };
}
