/** Which notation have values that a column refused? For a hint to the definition's author. */
import type { NumberNotation } from "../importer/definition.ts";
import { compileDateFormat } from "./types/date_format.ts";
import { integerProgram } from "./types/integer.ts";
import { numericProgram } from "./types/numeric.ts";

export type RefusedKind = "date" | "time" | "timestamp" | "numeric" | "integer";

/** What a column rule could say. */
export interface Notations {
  readonly format?: string;
  readonly decimal?: string;
  readonly thousands?: string;
  readonly accept?: readonly NumberNotation[];
}

export interface Suggested {
  readonly notation: Notations;
  /** How many of the values have it. */
  readonly fits: number;
  /** Another notation that fits just as many of them, with other results. */
  readonly otherwise: Notations | null;
}

/** Null unless most of the values have one notation. */
export function suggestNotation(
  kind: RefusedKind,
  values: readonly string[],
): Suggested | null {
  const found = bestNotation(kind, values);
  return found !== null && found.fits * 2 > values.length ? found : null;
}

/** The notation that the most of the values have, even if few have it; null if none is known. */
export function bestNotation(kind: RefusedKind, values: readonly string[]): Suggested | null {
  const trimmed = values.map((value) => value.trim());
  return kind === "numeric" || kind === "integer"
    ? suggestNumber(kind, trimmed)
    : suggestFormat(kind, trimmed);
}

/** The more usual ones first: of those that fit equally, the first is suggested. */
const DATES: readonly string[] = [
  ...["dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "dd-MM-yyyy", "MM-dd-yyyy"],
  ...["yyyy/MM/dd", "yyyy.MM.dd", "yyyy-M-d", "yyyy/M/d", "yyyy-dd-MM"],
  ...["d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "M-d-yyyy", "d. M. yyyy"],
  ...["dd.MM.yy", "dd/MM/yy", "MM/dd/yy", "dd-MM-yy", "d.M.yy", "d/M/yy", "M/d/yy"],
  ...["yyyyMMdd", "ddMMyyyy", "MMddyyyy"],
  ...["dd MMM yyyy", "d MMM yyyy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd-MMM-yy", "d-MMM-yy"],
  ...["d. MMM yyyy", "d. MMM. yyyy", "MMM d, yyyy", "MMM d yyyy", "yyyy-MMM-dd", "ddMMMyyyy"],
  ...["EEE, d MMM yyyy", "EEEE, MMM d, yyyy", "EEEE, d. MMM yyyy"],
];
const TIMES: readonly string[] = [
  ...["HH:mm:ss", "HH:mm", "H:mm:ss", "H:mm", "hh:mm a", "h:mm a", "hh:mm:ss a", "h:mm:ss a"],
  ...["hh:mma", "h:mma", "HH.mm", "HH.mm.ss", "HHmm", "HHmmss", "HH'h'mm", "H'h'mm", "HH:mm 'Uhr'"],
  ...["HH:mm:ss.SSS", "HH:mm:ss.SSSSSS", "HH:mm:ss,SSS", "HH:mm:ss.SSSSSSSSS"],
];
const ZONES: readonly string[] = ["", "Z", " Z", " z"];
/** A date, and what follows it. */
const DATE_AND_TIME = /^(.*?\d{2,4})(,? |[Tt]| - )(\d{1,2}[:.h]\d{2}.*|\d{4}|\d{6})$/u;
/** Numbers of any other length are no dates of this or the last century. */
const COUNTED = [
  [/^[1-9]\d{4}(?:\.\d+)?$/u, "excel"],
  [/^[1-9]\d{8,9}(?:\.\d+)?$/u, "unix"],
  [/^[1-9]\d{11,12}$/u, "unix_ms"],
  [/^[1-9]\d{14,15}$/u, "unix_us"],
] as const;

function suggestFormat(kind: "date" | "time" | "timestamp", values: readonly string[]) {
  const counted = COUNTED.flatMap(([shape, format]) => {
    // A date column refuses a time of day.
    const takes = (value: string) =>
      shape.test(value) && (kind !== "date" || Number.isInteger(Number(value)));
    const fits = values.filter(takes).length;
    return kind !== "time" && fits * 2 > values.length ? [{ format, fits }] : [];
  });
  if (counted.length > 0) {
    const [{ format, fits }] = counted;
    return { notation: { format }, fits, otherwise: null };
  }
  if (kind === "date") return bestFormat(DATES, values);
  if (kind === "time") return bestFormat(TIMES, values);
  return bestTimestamp(values) ?? bestFormat(["yyyyMMddHHmmss"], values);
}

/** Finds the formats of the two halves, and tries them together. */
function bestTimestamp(values: readonly string[]): Suggested | null {
  const halves = values.flatMap((value) => {
    const match = DATE_AND_TIME.exec(value);
    return match === null ? [] : [match.slice(1)];
  });
  const dates = halves.map(([date]) => date);
  const times = halves.map(([, , time]) => time);
  const date = bestFormat(["yyyy-MM-dd", ...DATES], dates);
  const zoned = ZONES.flatMap((zone) => TIMES.map((time) => time + zone));
  const time = bestFormat(zoned, times);
  if (date === null || time === null) return null;
  const separator = mostFrequent(halves.map(([, between]) => between.replace("t", "T")));
  const whole = ({ format }: Notations) => `${format}${separator}${time.notation.format}`;
  const found = bestFormat([whole(date.notation)], values);
  return found && {
    ...found,
    otherwise: date.otherwise && { format: whole(date.otherwise) },
  };
}

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((one, other) => other[1] > one[1] ? other : one)[0];
}

function bestFormat(formats: readonly string[], values: readonly string[]): Suggested | null {
  const scored = formats.map((format) => {
    const read = compileDateFormat(format);
    return { format, results: values.map((value) => JSON.stringify(read(value))) };
  });
  return best(scored.map(({ format, results }) => ({ notation: { format }, results })));
}

interface Scored {
  readonly notation: Notations;
  /** For each value; `null` if it doesn't fit. */
  readonly results: readonly string[];
}

/** The first of those that fit the most values. */
function best(candidates: readonly Scored[]): Suggested | null {
  const fitsOf = ({ results }: Scored) => results.filter((result) => result !== NOTHING).length;
  let chosen: Scored | null = null;
  let fits = 0;
  for (const candidate of candidates) {
    const count = fitsOf(candidate);
    if (count > fits) [chosen, fits] = [candidate, count];
  }
  if (chosen === null) return null;
  const { notation, results } = chosen;
  const other = candidates.find((candidate) =>
    fitsOf(candidate) === fits && candidate.results.some((result, i) => result !== results[i])
  );
  return { notation, fits, otherwise: other?.notation ?? null };
}

const NOTHING = "null";

const SEPARATORS: readonly Pick<Notations, "decimal" | "thousands">[] = [
  {},
  { decimal: ",", thousands: "." },
  { decimal: "," },
  { thousands: "," },
  { thousands: " " },
  { decimal: ",", thousands: " " },
  { thousands: "'" },
];
const ACCEPTED: readonly NumberNotation[] = [
  "currency",
  "parentheses",
  "trailing_minus",
  "percent",
];

function suggestNumber(kind: "numeric" | "integer", values: readonly string[]): Suggested | null {
  const results = (notation: Notations) => {
    const format = {
      decimal: notation.decimal ?? ".",
      thousands: notation.thousands ?? null,
      accept: notation.accept ?? [],
    };
    const program = kind === "integer" ? integerProgram(format) : numericProgram(format, false);
    return values.map((value) => JSON.stringify(program.parse(value)));
  };
  const count = (notation: Notations) =>
    results(notation).filter((result) => result !== NOTHING).length;
  const candidates = SEPARATORS.map((separators) => {
    // Of the other notations, only those without which fewer values would fit.
    let accept = ACCEPTED;
    const all = count({ ...separators, accept });
    for (const one of ACCEPTED) {
      const fewer = accept.filter((other) => other !== one);
      if (count({ ...separators, accept: fewer }) === all) accept = fewer;
    }
    const notation = accept.length === 0 ? separators : { ...separators, accept };
    return { notation, results: results(notation) };
  });
  return best(candidates);
}
