/** How the values of a column are best read, and which of them don't fit. */
import type { NumberNotation, ValueType } from "../../importer/definition.ts";
import type { ColumnFacts, Places } from "./column_profile.ts";
import type { Form, Kind } from "./form.ts";

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

export type Fits = (form: Form) => boolean;

export function reading(
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

export function countOf(facts: ColumnFacts, fits: Fits): number {
  let count = 0;
  for (const [form, places] of facts.forms) if (fits(form)) count += places.count;
  return count;
}

export function kindsIn<Type extends Kind["type"]>(
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

export function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
