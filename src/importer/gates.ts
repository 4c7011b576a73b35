/** `options.hold_if`: when a run waits for somebody's decision, such as `failed > 2%`. */
import type { OptionsRule } from "./definition.ts";
import { nearest } from "./nearest.ts";

const OF_THE_FILE = ["rows", "created", "updated", "skipped", "failed"] as const;

/** `absent`: rows of the table that the file doesn't have. */
export const MEASURES = [...OF_THE_FILE, "absent"] as const;
export type Measure = (typeof MEASURES)[number];

/** How many rows a run has, or would have created, and so on. */
export interface GateCounts extends Readonly<Record<(typeof OF_THE_FILE)[number], number>> {
  /** Of so many rows of the table. Null or missing: nobody has looked. */
  readonly absent?: { readonly absent: number; readonly in_scope: number } | null;
  /** In how many rows a column of the table is NULL, where somebody has counted. */
  readonly nulls?: Readonly<Record<string, number>> | null;
}

/** Rows of a kind, or those in which a column is NULL. */
export type Measured = Measure | { readonly nullsIn: string };

export type Gate =
  | {
    readonly measure: Measured;
    readonly than: ">" | "<";
    readonly limit: number;
    /** The limit is a share of all rows. */
    readonly isPercent: boolean;
  }
  /** Far from what the importer's last runs had. */
  | { readonly measure: Measured; readonly than: "unusual" };

export const A_GATE = `a condition such as "failed > 2%", "rows < 1000", "updated unusual" or ` +
  `"null email > 5%" on ${MEASURES.join(", ")}, or null and a column`;

/** Null if it isn't one. */
export function readGate(text: string): Gate | null {
  const match =
    /^\s*(?:([a-z]+)|null\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)))\s*(?:([<>])\s*(\d+(?:\.\d+)?)\s*(%?)|\s+unusual)\s*$/u
      .exec(text);
  if (match === null) return null;
  const [, word, quoted, name, than, number, percent] = match;
  const measure = word === undefined
    ? { nullsIn: quoted?.replaceAll('""', '"') ?? name }
    : MEASURES.find((known) => known === word);
  if (measure === undefined) return null;
  if (than === undefined) return { measure, than: "unusual" };
  const [limit, isPercent] = [Number(number), percent === "%"];
  // All rows are 100% of all rows.
  if (isPercent ? limit > 100 || measure === "rows" : !Number.isSafeInteger(limit)) return null;
  return { measure, than: than === ">" ? ">" : "<", limit, isPercent };
}

/** The condition that was probably meant, with words that nobody knows spelled right; null if none is near. */
export function nearGate(text: string): string | null {
  const [first, ...rest] = text.trim().split(/\s+/u);
  const last = rest.map((word) => nearest(word, ["unusual"]) ?? word);
  const meant = [nearest(first, [...MEASURES, "null"]) ?? first, ...last].join(" ");
  return meant !== text && readGate(meant) !== null ? meant : null;
}

export function gatesOf({ hold_if = [] }: Pick<OptionsRule, "hold_if">): readonly Gate[] {
  return hold_if.flatMap((text) => readGate(text) ?? []);
}

/** The columns whose missing values are counted. */
export function columnsCounted(options: Pick<OptionsRule, "hold_if">): readonly string[] {
  return gatesOf(options).flatMap(({ measure }) =>
    typeof measure === "object" ? [measure.nullsIn] : []
  );
}

/** With fewer runs before, nothing is unusual. */
const LEAST_RUNS = 3;

/** What of these counts keeps the run from loading its rows: a sentence each. */
export function findTripped(
  gates: readonly Gate[],
  counts: GateCounts,
  before: readonly GateCounts[],
): readonly string[] {
  return gates.flatMap((gate) => {
    const { measure } = gate;
    if (measure === "absent" && valueOf(counts, measure) === null) return [];
    const value = valueOf(counts, measure) ?? 0;
    if (gate.than === "unusual") return unusual(measure, counts, before) ?? [];
    const all = allOf(counts, measure);
    const share = 100 * value / Math.max(1, all);
    const now = gate.isPercent ? share : value;
    if (gate.than === ">" ? now <= gate.limit : now >= gate.limit) return [];
    const limit = gate.isPercent ? `${gate.limit}%` : shown(gate.limit);
    const is = gate.isPercent ? `${shown(value)} of ${rows(all)}` : shown(value);
    return [`${named(measure)} ${gate.than} ${limit}: it is ${is}.`];
  });
}

/** Less than half of the least, or more than twice the most of the importer's last runs. */
function unusual(
  measure: Measured,
  counts: GateCounts,
  earlier: readonly GateCounts[],
): string | null {
  // Runs from before somebody asked for it haven't counted missing values.
  const before = earlier.filter((each) => valueOf(each, measure) !== null);
  if (before.length < LEAST_RUNS) return null;
  const isShare = measure !== "rows";
  const of = (each: GateCounts) =>
    isShare ? 100 * (valueOf(each, measure) ?? 0) / Math.max(1, allOf(each, measure)) : each.rows;
  const known = before.map(of);
  const [least, most, now] = [Math.min(...known), Math.max(...known), of(counts)];
  // A share that is small anyway says nothing by being twice as large.
  const leeway = isShare ? 1 : 0;
  if (now >= least / 2 - leeway && now <= most * 2 + leeway) return null;
  const show = (value: number) => isShare ? `${value.toFixed(1)}%` : shown(value);
  return `${named(measure)} unusual: it is ${
    show(now)
  }, and in the last ${before.length} runs it was ` +
    `between ${show(least)} and ${show(most)}.`;
}

/** Of how many rows a measure is a share. */
function allOf(counts: GateCounts, measure: Measured): number {
  return measure === "absent" ? counts.absent?.in_scope ?? 0 : counts.rows;
}

/** Null: nobody has counted. */
function valueOf(counts: GateCounts, measure: Measured): number | null {
  if (measure === "absent") return counts.absent?.absent ?? null;
  if (typeof measure === "string") return counts[measure];
  const { nulls } = counts;
  return nulls && Object.hasOwn(nulls, measure.nullsIn) ? nulls[measure.nullsIn] : null;
}

function named(measure: Measured): string {
  return typeof measure === "string" ? measure : `null ${measure.nullsIn}`;
}

/** Rows that fail are set aside, because somebody or a gate decides how many may. */
export function setsAside(
  options: Pick<OptionsRule, "release" | "hold_if" | "transaction">,
): boolean {
  return options.transaction === "run" &&
    (options.release === "manual" || gatesOf(options).some(({ measure }) => measure === "failed"));
}

function rows(count: number): string {
  return `${shown(count)} ${count === 1 ? "row" : "rows"}`;
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
