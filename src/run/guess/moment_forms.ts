/** The dates, times and timestamps that a text may be. */
import { dateProgram, timeProgram, timestampProgram } from "../../row/types/date_time.ts";
import type { ValueProgram } from "../../row/types/value_program.ts";
import { type Form, formOf, type MomentKind } from "./form.ts";

/** The longest text that is tried: `Wednesday, 30 September 2026 12:00:00.123456 +02:00`. */
const LONGEST = 60;

const ISO: readonly { readonly kind: MomentKind; readonly program: ValueProgram }[] = [
  { kind: { type: "date", id: "date", format: null }, program: dateProgram([], false) },
  {
    kind: { type: "timestamp", id: "timestamp", format: null },
    program: timestampProgram([], false),
  },
  { kind: { type: "time", id: "time", format: null }, program: timeProgram([], false) },
];

const TIME = "(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?(?: ?([AaPp][Mm]))?";
const ZONE = "(?: ?(Z|[+-]\\d{2}(?::?\\d{2})?))?";
const NUMBERS = new RegExp(
  `^(\\d{1,4})([-/. ])(\\d{1,2})\\2(\\d{4}|\\d{2})(?:([T ])${TIME}${ZONE})?$`,
  "u",
);
const DAY_FIRST = new RegExp(
  `^(\\d{1,2})([ .-]{1,2})(\\p{L}{3,12})(\\.?[ -])(\\d{4}|\\d{2})(?:( )${TIME}${ZONE})?$`,
  "u",
);
const MONTH_FIRST = new RegExp(
  `^(\\p{L}{3,12})(\\.? )(\\d{1,2})(,? )(\\d{4})(?:( )${TIME}${ZONE})?$`,
  "u",
);
const TIME_ONLY = new RegExp(`^${TIME}$`, "u");
const ENDS_WITH_ZONE = /:\d{2}(?:\.\d+)? ?(?:Z|[+-]\d{2}(?::?\d{2})?)$/u;

/** Most texts are none, and this is the quickest way to see it. */
const MAY_BE_ONE = /^(?:\d+[-/. :T]|\p{L}{3,12}\.? \d)/u;

/** Null: it is none. */
export function momentForm(text: string): Form | null {
  if (text.length < 4 || text.length > LONGEST || !MAY_BE_ONE.test(text)) return null;
  const iso = ISO.filter(({ program }) => program.parse(text) !== null).map(({ kind }) => kind);
  // Beside other formats, a definition has to name those of ISO 8601, too.
  const formats = formatsOf(text).flatMap(({ type, format }) => {
    const kind = kindOf(type, format);
    return programOf(kind).parse(text) === null ? [] : [kind];
  });
  const kinds = [...iso, ...formats];
  if (kinds.length === 0) return null;
  return formOf({
    kinds,
    isLossy: /\.\d{7,}/u.test(text),
    needs: [],
    hasZone: ENDS_WITH_ZONE.test(text),
  });
}

interface Format {
  readonly type: MomentKind["type"];
  readonly format: string;
}

/** Formats that look like the text. Whether they take it, only their programs know. */
function formatsOf(text: string): readonly Format[] {
  const time = TIME_ONLY.exec(text);
  if (time !== null) return [{ type: "time", format: timeFormat(time.slice(1)) }];
  const numbers = NUMBERS.exec(text);
  if (numbers !== null) {
    const [, first, between, second, third, before] = numbers;
    const dates = first.length === 4
      ? third.length === 2 ? orders(["yyyy", "MM", "dd"], [first, second, third], between) : []
      : [
        ...orders(["dd", "MM", "y"], [first, second, third], between),
        ...orders(["MM", "dd", "y"], [first, second, third], between),
      ];
    return withTime(dates, before, numbers.slice(6));
  }
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) {
    const [, day, one, month, other, year, before] = dayFirst;
    const dates = monthNames(month).flatMap((name) =>
      dayWidths(day).map((width) => width + one + name + other + yearOf(year))
    );
    return withTime(dates, before, dayFirst.slice(7));
  }
  const monthFirst = MONTH_FIRST.exec(text);
  if (monthFirst !== null) {
    const [, month, one, day, other, year, before] = monthFirst;
    const dates = monthNames(month).flatMap((name) =>
      dayWidths(day).map((width) => name + one + width + other + yearOf(year))
    );
    return withTime(dates, before, monthFirst.slice(7));
  }
  return [];
}

/** The padded notation, if the parts are padded, and the one that takes both. */
function orders(
  words: readonly string[],
  parts: readonly string[],
  between: string,
): readonly string[] {
  const write = (isPadded: boolean) =>
    words.map((word, at) =>
      word === "y" ? yearOf(parts[at]) : isPadded || word === "yyyy" ? word : word[0]
    )
      .join(between);
  const isPadded = words.every((word, at) => word.startsWith("y") || parts[at].length === 2);
  return isPadded ? [write(true), write(false)] : [write(false)];
}

function yearOf(year: string): string {
  return year.length === 2 ? "yy" : "yyyy";
}

function dayWidths(day: string): readonly string[] {
  return day.length === 2 ? ["dd", "d"] : ["d"];
}

function monthNames(month: string): readonly string[] {
  return month.length === 3 ? ["MMM", "MMMM"] : ["MMM"];
}

function withTime(
  dates: readonly string[],
  before: string | undefined,
  time: readonly (string | undefined)[],
): readonly Format[] {
  if (before === undefined) return dates.map((format) => ({ type: "date", format }));
  const zone = time[5] === undefined ? "" : "Z";
  return dates.map((date) => ({
    type: "timestamp",
    format: date + before + timeFormat(time) + zone,
  }));
}

function timeFormat([hour, , second, fraction, half]: readonly (string | undefined)[]): string {
  const letter = half === undefined ? "H" : "h";
  return (hour?.length === 2 ? letter + letter : letter) + ":mm" +
    (second === undefined ? "" : ":ss") +
    (fraction === undefined ? "" : `.${"S".repeat(fraction.length)}`) +
    (half === undefined ? "" : " a");
}

const kinds = new Map<string, MomentKind>();
const programs = new Map<string, ValueProgram>();

function kindOf(type: MomentKind["type"], format: string): MomentKind {
  const id = `${type} ${format}`;
  const known = kinds.get(id);
  if (known !== undefined) return known;
  const kind = { type, id, format };
  kinds.set(id, kind);
  return kind;
}

function programOf({ type, id, format }: MomentKind): ValueProgram {
  let program = programs.get(id);
  if (program === undefined) {
    const formats = format === null ? [] : [format];
    program = type === "date"
      ? dateProgram(formats, false)
      : type === "time"
      ? timeProgram(formats, false)
      : timestampProgram(formats, false);
    programs.set(id, program);
  }
  return program;
}
