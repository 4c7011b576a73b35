/** How the values of a column are best read, and which of them don't fit. */
import type { NumberNotation, ValueType } from "../../importer/definition.ts";
import type { ColumnFacts, Places } from "./column_profile.ts";
import type { Form, Kind, MomentKind, NumberKind } from "./form.ts";

/** What a column is read as. */
export type ReadType =
  | "integer"
  | "numeric"
  | "boolean"
  | "date"
  | "time"
  | "timestamp"
  | "uuid"
  | "json";

export interface Reading {
  readonly type: ReadType;
  /** Keys of the definition that say it, as it writes them. */
  readonly rule: ReadingRule;
  /** How many values fit, words for NULL not counted. */
  readonly fits: number;
  /** Values that don't, the first ones first. */
  readonly exceptions: Places;
  /** Words that stand for NULL: all that the column has. */
  readonly nullWords: readonly string[];
  /** Another way to read the same values, that fits as well. */
  readonly otherwise: ReadingRule | null;
  /** As a value of the type, something of a text would be lost: leading zeros, a currency. */
  readonly lossy: Places | null;
  /** Timestamps that say their zone, and how many don't. */
  readonly zoned: number;
}

export interface ReadingRule {
  readonly type?: ValueType;
  readonly format?: string | readonly string[];
  readonly decimal?: string;
  readonly thousands?: string;
  readonly accept?: NumberNotation | readonly NumberNotation[];
  readonly true?: readonly string[];
  readonly false?: readonly string[];
}

/** How many formats a definition is given for one column. */
const MOST_FORMATS = 3;

/** Null: no value can be read as this type. `types`: that the values may be read as. */
export function readAs(facts: ColumnFacts, type: ReadType): Reading | null {
  if (type === "boolean") return asBoolean(facts);
  if (type === "integer" || type === "numeric") return asNumber(facts, type === "integer");
  if (type === "uuid" || type === "json") {
    return reading(facts, type, {}, ({ kinds }) => kinds.some((kind) => kind.type === type));
  }
  return asMoment(facts, type);
}

type Fits = (form: Form) => boolean;

function reading(
  facts: ColumnFacts,
  type: ReadType,
  rule: ReadingRule,
  fitsForm: Fits,
  otherwise: ReadingRule | null = null,
): Reading | null {
  let [fits, zoned] = [0, 0];
  const exceptions: Places[] = [];
  const lossy: Places[] = [];
  for (const [form, places] of facts.forms) {
    if (!fitsForm(form)) exceptions.push(places);
    else {
      fits += places.count;
      if (form.isLossy) lossy.push(places);
      if (form.hasZone) zoned += places.count;
    }
  }
  if (fits === 0) return null;
  return {
    ...{ type, rule, fits, otherwise, zoned },
    exceptions: together(exceptions),
    nullWords: [...facts.nullWords.keys()],
    lossy: lossy.length === 0 ? null : together(lossy),
  };
}

/** The first places of all. */
export function together(all: readonly Places[]): Places {
  const count = all.reduce((sum, places) => sum + places.count, 0);
  const lines = all.flatMap((places) => places.lines).sort((a, b) => a - b).slice(0, 5);
  const first = all.toSorted((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0)).at(0);
  return { count, lines, example: first?.example ?? "" };
}

function countOf(facts: ColumnFacts, fits: Fits): number {
  let count = 0;
  for (const [form, places] of facts.forms) if (fits(form)) count += places.count;
  return count;
}

function kindsIn<Type extends Kind["type"]>(
  { forms }: ColumnFacts,
  types: readonly Type[],
): readonly Extract<Kind, { type: Type }>[] {
  const found = new Map<string, Kind>();
  for (const form of forms.keys()) {
    for (const kind of form.kinds) {
      if ((types as readonly string[]).includes(kind.type)) found.set(kind.id, kind);
    }
  }
  return [...found.values()] as Extract<Kind, { type: Type }>[];
}

/** The notation in which most values are numbers; of several, the plainest. */
function asNumber(facts: ColumnFacts, isWhole: boolean): Reading | null {
  const notations = new Map(
    kindsIn(facts, ["number"]).map((kind) => [`${kind.decimal}${kind.thousands}`, kind]),
  );
  const candidates = [...notations.values()].map((notation) => ({
    notation,
    count: countOf(facts, (form) => isNumber(form, notation, isWhole)),
  })).sort((a, b) => b.count - a.count || rank(a.notation) - rank(b.notation));
  const [best] = candidates;
  if (best === undefined || best.count === 0) return null;
  const asMany = (notation: NumberKind) =>
    countOf(facts, (form) => isNumber(form, notation, false)) >= best.count;
  const other = candidates.find(({ notation }) =>
    notation.decimal !== best.notation.decimal && asMany(notation) &&
    readsDifferently(facts, notation, best.notation)
  );
  const fits = (form: Form) => isNumber(form, best.notation, isWhole);
  const needs = [
    ...new Set([...facts.forms.keys()].filter(fits).flatMap((form) => form.needs)),
  ];
  const accept = needs.length === 0 ? {} : { accept: needs.length === 1 ? needs[0] : needs };
  return reading(
    facts,
    isWhole ? "integer" : "numeric",
    { ...notationRule(best.notation), ...accept },
    fits,
    other === undefined ? null : { ...notationRule(other.notation), ...accept },
  );
}

const RANKS = [".null", ",null", ".,", ",.", ", ", ". ", ".'"];

function rank({ decimal, thousands }: NumberKind): number {
  return RANKS.indexOf(`${decimal}${thousands}`);
}

function isNumber({ kinds }: Form, notation: NumberKind, isWhole: boolean): boolean {
  return kinds.some((kind) =>
    kind.type === "number" && isSame(kind, notation) && (kind.isWhole || !isWhole)
  );
}

function isSame(one: NumberKind, other: NumberKind): boolean {
  return one.decimal === other.decimal && one.thousands === other.thousands;
}

/** Is a value with a fraction in one notation a whole number in the other? */
function readsDifferently(facts: ColumnFacts, one: NumberKind, other: NumberKind): boolean {
  return [...facts.forms.keys()].some(({ kinds }) => {
    const find = (notation: NumberKind) =>
      kinds.find((kind) => kind.type === "number" && isSame(kind, notation)) as
        | NumberKind
        | undefined;
    const [a, b] = [find(one), find(other)];
    return a !== undefined && b !== undefined && a.isWhole !== b.isWhole;
  });
}

function notationRule({ decimal, thousands }: NumberKind): ReadingRule {
  return {
    ...decimal !== "." && { decimal },
    ...thousands !== null && { thousands },
  };
}

/** The formats that take most values, the best one first. */
function asMoment(facts: ColumnFacts, type: MomentKind["type"]): Reading | null {
  // A date is a timestamp at midnight.
  const wanted = type === "timestamp" ? ["timestamp", "date"] as const : [type] as const;
  const kinds = kindsIn<MomentKind["type"]>(facts, wanted) as readonly MomentKind[];
  const chosen: MomentKind[] = [];
  const isCovered = (form: Form) =>
    form.kinds.some((kind) => chosen.some((one) => one.id === kind.id));
  let otherwise: ReadingRule | null = null;
  while (chosen.length < MOST_FORMATS) {
    const gains = kinds.map((kind) => ({
      kind,
      gain: countOf(facts, (form) => !isCovered(form) && hasKind(form, kind)),
    })).filter(({ gain }) => gain > 0)
      .sort((a, b) => b.gain - a.gain || order(a.kind) - order(b.kind));
    const [best] = gains;
    if (best === undefined) break;
    const other = gains.find(({ kind, gain }) => gain === best.gain && meansOther(kind, best.kind));
    if (other !== undefined) otherwise = { format: other.kind.format ?? undefined };
    chosen.push(best.kind);
  }
  if (chosen.length === 0) return null;
  const formats = chosen.map(({ format }) => format ?? (type === "timestamp" ? ISO_TIME : ISO));
  const isPlain = chosen.every(({ format }) => format === null);
  const rule = isPlain ? {} : { format: formats.length === 1 ? formats[0] : unique(formats) };
  return reading(facts, type, rule, isCovered, otherwise);
}

const ISO = "yyyy-MM-dd";
const ISO_TIME = "yyyy-MM-dd HH:mm:ss";

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function hasKind({ kinds }: Form, { id }: Kind): boolean {
  return kinds.some((kind) => kind.id === id);
}

/** Of two formats that fit as well: the stricter one, and the day before the month. */
function order({ format }: MomentKind): number {
  if (format === null) return 0;
  return (/^d/u.test(format) ? 1 : 2) - format.length / 100;
}

/** Do they take the day for the month? */
function meansOther(one: MomentKind, other: MomentKind): boolean {
  const letters = ({ format }: MomentKind) => (format ?? "").replace(/(.)\1+/gu, "$1");
  return letters(one) !== letters(other) && !/MMM/u.test(`${one.format}${other.format}`);
}

/** Words for yes and no, in pairs; the first pair is what ingest knows without being told. */
const WORDS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["true", "t", "yes", "y", "on", "1"], ["false", "f", "no", "n", "off", "0"]],
  [["ja", "j", "wahr"], ["nein", "n", "falsch"]],
  [["oui", "o", "vrai"], ["non", "n", "faux"]],
  [["si", "sí", "s", "verdadero"], ["no", "n", "falso"]],
  [["sim", "s", "verdadeiro"], ["não", "nao", "n", "falso"]],
  [["active", "aktiv", "enabled"], ["inactive", "inaktiv", "disabled"]],
  [["x"], ["-"]],
];

function asBoolean({ words, forms, nullWords, filled }: ColumnFacts): Reading | null {
  if (words === null || words.size === 0) return null;
  const counted = [...words].filter(([word]) => !nullWords.has(word));
  for (const [index, [yes, no]] of WORDS.entries()) {
    const isYes = ([word]: readonly [string, number]) => yes.includes(word.toLowerCase());
    const isNo = ([word]: readonly [string, number]) => no.includes(word.toLowerCase());
    const [trues, falses] = [counted.filter(isYes), counted.filter(isNo)];
    const fits = [...trues, ...falses].reduce((sum, [, count]) => sum + count, 0);
    if (trues.length === 0 || falses.length === 0 || fits * 2 < filled) continue;
    const others = counted.filter((each) => !isYes(each) && !isNo(each));
    const lines = others.length === 0 ? [] : together([...forms.values()]).lines;
    return {
      type: "boolean",
      rule: index === 0 ? {} : {
        true: unique(trues.map(([word]) => word.toLowerCase())),
        false: unique(falses.map(([word]) => word.toLowerCase())),
      },
      fits,
      exceptions: {
        count: others.reduce((sum, [, count]) => sum + count, 0),
        lines: others.length === 0 ? [] : lines,
        example: others.map(([word]) => word).join(", "),
      },
      nullWords: [...nullWords.keys()],
      otherwise: null,
      lossy: null,
      zoned: 0,
    };
  }
  return null;
}
