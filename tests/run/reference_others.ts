/**
 * What random imports do beside writing a row's own values: columns whose values are looked up, links and
 * children in other tables, rows that the file doesn't have, connections that are lost.
 */
import fc from "fast-check";

/** More columns of the file. Those that nothing is made of are left alone. */
export interface OtherValues {
  readonly city: string;
  readonly tag: string;
  /** Several, with `|` between them. */
  readonly labels: string;
  /** Only in JSON. Null: the row says nothing of them. */
  readonly items: readonly Item[] | null;
}

export interface Item {
  /** `x` is none, and the table refuses 7. */
  readonly line: number | "x";
  readonly qty: number;
}

/** What is made of them. */
export interface OtherTables {
  /** The column gets what `cities` has for it. */
  readonly city: boolean;
  /** The column gets what `tags` has for it, which is added if it isn't there. */
  readonly tag: boolean;
  /** Links to labels. */
  readonly labels: { readonly replace: boolean; readonly create: boolean } | null;
  /** What becomes of a child that is there already. */
  readonly items: "skip" | "update" | "fail" | null;
}

/** What becomes of rows that the file doesn't have. */
export interface Absent {
  readonly marks: boolean;
  /** Only rows with one of these stamps count. */
  readonly scope: readonly (string | null)[] | null;
  /** Also if rows fail that are set aside, as long as their keys can be read. */
  readonly despite: boolean;
}

export interface Kill {
  /** The how many-th time that workers take batches. */
  readonly round: number;
  /** So many statements later, which take a fraction of a millisecond each. */
  readonly after: number;
}

export const CITIES: Readonly<Record<string, string>> = { Rome: "RO", Bonn: "BO" };
/** Two cities have this name. */
export const TWIN = "Twin";
/** Upper and lower case are the same. */
export const TAGS = ["red", "blue"];
/** Nothing may be linked to the second one. */
export const LABELS = ["new", "bad", "old"];

const usually = <T>(weight: number, ...values: readonly T[]) => ({
  weight,
  arbitrary: fc.constantFrom(...values),
});

export const anyOtherValues: fc.Arbitrary<OtherValues> = fc.record({
  city: fc.oneof(usually(12, "", "Rome", "Bonn"), usually(1, "Oslo", TWIN)),
  tag: fc.constantFrom("", "", "red", "RED", "blue", "pink", "Pink", "sky"),
  labels: fc.array(
    fc.oneof(usually(12, "new", "NEW", "old", "hot", "Hot", "top"), usually(1, "", "bad")),
    { maxLength: 3 },
  ).map((names) => names.join("|")),
  items: fc.option(
    fc.array(
      fc.record<Item>({
        line: fc.oneof(usually<Item["line"]>(20, 1, 2, 3, 4), usually<Item["line"]>(1, 7, "x")),
        qty: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 3 },
    ),
  ),
});

export const anyOtherTables: fc.Arbitrary<OtherTables> = fc.record({
  city: fc.boolean(),
  tag: fc.boolean(),
  labels: fc.option(fc.record({ replace: fc.boolean(), create: fc.boolean() })),
  items: fc.option(fc.constantFrom("skip", "update", "fail")),
});

export const anyAbsent: fc.Arbitrary<Absent> = fc.record({
  marks: fc.boolean(),
  scope: fc.option(fc.subarray(["10", "20", null], { minLength: 1 })),
  despite: fc.boolean(),
});

export const anyKills: fc.Arbitrary<readonly Kill[]> = fc.oneof(
  usually(2, []),
  {
    weight: 1,
    arbitrary: fc.array(
      fc.record({ round: fc.integer({ min: 1, max: 4 }), after: fc.nat({ max: 40 }) }),
      { minLength: 1, maxLength: 2 },
    ),
  },
);
