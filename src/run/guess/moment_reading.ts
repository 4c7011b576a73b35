/** In which formats the values of a column are dates or times. */
import type { ColumnFacts } from "./column_profile.ts";
import type { Form, Kind, MomentKind } from "./form.ts";
import { countOf, kindsIn, type Reading, reading, type ReadingRule } from "./reading.ts";

/** How many formats a definition is given for one column. */
const MOST_FORMATS = 5;

/** ISO 8601, if that is all there is, or the formats that take most values, the best one first. */
export function asMoment(facts: ColumnFacts, type: MomentKind["type"]): Reading | null {
  // A date is a timestamp at midnight.
  const wanted = type === "timestamp" ? ["timestamp", "date"] as const : [type] as const;
  const kinds = kindsIn<MomentKind["type"]>(facts, wanted) as readonly MomentKind[];
  const all = choose(facts, kinds);
  if (all.chosen.length === 0) return null;
  const isIso = all.chosen.every(({ format }) => format === null);
  const { chosen, swapped } = isIso
    ? all
    : choose(facts, kinds.filter(({ format }) => format !== null));
  return reading(
    facts,
    type,
    isIso ? {} : formatRule(chosen),
    (form) => chosen.some((kind) => hasKind(form, kind)),
    swapped === null ? null : formatRule(chosen.with(swapped.at, swapped.by)),
  );
}

interface Choice {
  readonly chosen: readonly MomentKind[];
  /** Another one would do as well in this place. */
  readonly swapped: { readonly by: MomentKind; readonly at: number } | null;
}

/** Each next one is the kind that takes most of the values that are left. */
function choose(facts: ColumnFacts, kinds: readonly MomentKind[]): Choice {
  const chosen: MomentKind[] = [];
  let swapped: Choice["swapped"] = null;
  const isTaken = (form: Form) => chosen.some((kind) => hasKind(form, kind));
  while (chosen.length < MOST_FORMATS) {
    const gains = kinds.map((kind) => ({
      kind,
      gain: countOf(facts, (form) => !isTaken(form) && hasKind(form, kind)),
    })).filter(({ gain }) => gain > 0)
      .sort((a, b) => b.gain - a.gain || order(a.kind) - order(b.kind));
    const [best] = gains;
    if (best === undefined) break;
    const other = gains.find(({ kind, gain }) => gain === best.gain && meansOther(kind, best.kind));
    if (other !== undefined) swapped ??= { by: other.kind, at: chosen.length };
    chosen.push(best.kind);
  }
  return { chosen, swapped };
}

function formatRule(kinds: readonly MomentKind[]): ReadingRule {
  const formats = kinds.flatMap(({ format }) => format ?? []);
  return { format: formats.length === 1 ? formats[0] : formats };
}

function hasKind({ kinds }: Form, { id }: Kind): boolean {
  return kinds.some((kind) => kind.id === id);
}

/** Of two formats that fit as well: the stricter one, and the day before the month. */
function order({ format }: MomentKind): number {
  if (format === null) return 0;
  return (/^d/u.test(format) ? 1 : 2) - format.length / 100;
}

/** Does it take the day for the month? With points, the day comes first everywhere. */
function meansOther(one: MomentKind, other: MomentKind): boolean {
  if (one.format === null || other.format === null || one.type !== other.type) return false;
  const letters = ({ format }: MomentKind) => (format ?? "").replace(/(.)\1+/gu, "$1");
  return letters(one) !== letters(other) && !/MMM|^M+\./u.test(one.format ?? "");
}
