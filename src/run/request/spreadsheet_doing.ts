/**
 * Has a spreadsheet changed a cell by itself? It reads every cell of a CSV file as it likes, and
 * writes what it has read: a ZIP code becomes a number, an order number 1.23E+11, a date the date
 * of another country.
 */

/** Excel keeps this many digits of a number, and this many characters of a text. */
const MAX_DIGITS = 15, MAX_CELL = 32_767;

/** What a spreadsheet does to the text, in a few words; null if a person must have changed it. */
export function spreadsheetDoing(before: string, after: string): string | null {
  const [from, to] = [before.trim(), after.trim()];
  if (from === to || from === "") return null;
  if (/^#(?:NAME|VALUE|REF|DIV\/0|N\/A|NUM|NULL|WERT|BEZUG|NOM|VALEUR|¡VALOR)[?!]?$/iu.test(to)) {
    return "the error of a formula";
  }
  if (/^#{3,}$/u.test(to)) return "a cell that was too narrow";
  if (from.length > MAX_CELL && from.startsWith(to)) return "a long text cut off";
  return numberDoing(from, to) ?? dateDoing(from, to) ?? wordDoing(from, to);
}

/** A number that is not written as usual, such as `1.23E+11`, by how it may be read. */
interface Reading {
  readonly sign: string;
  /** Significant digits, without zeros at either end. */
  readonly digits: string;
  /** The power of ten that the first digit stands for. */
  readonly power: number;
  readonly hasExponent: boolean;
}

function numberDoing(from: string, to: string): string | null {
  for (const old of readings(from)) {
    for (const now of readings(to)) {
      if (old.sign !== now.sign) continue;
      const same = old.digits === now.digits && old.power === now.power;
      if (now.hasExponent && (same || isRounded(old, now, now.digits.length))) {
        return "a number in exponent form";
      }
      if (!same) {
        if (old.digits.length > MAX_DIGITS && isRounded(old, now, MAX_DIGITS)) {
          return "a long number rounded";
        }
        continue;
      }
      return /^[+-]?0\d/u.test(from) && !/^[+-]?0\d/u.test(to)
        ? "leading zeros gone"
        : "a number re-written";
    }
  }
  return null;
}

/** Is `now` what is left of `old` after so many digits? The last one may be rounded or cut. */
function isRounded(old: Reading, now: Reading, digits: number): boolean {
  if (digits === 0 || old.digits.length <= digits) return false;
  const kept = BigInt(old.digits.slice(0, digits));
  return [kept, kept + 1n].some((value) => {
    const text = String(value);
    const power = old.power + text.length - digits;
    return text.replace(/0+$/u, "") === now.digits && power === now.power;
  });
}

const EXPONENT = "(?:[eE]([+-]?\\d{1,4}))?$";
/** With a point as the decimal separator, and with a comma. */
const NUMBERS: readonly RegExp[] = [
  new RegExp(`^([+-]?)(\\d*|\\d{1,3}(?:[, \u00a0\u202f'’]\\d{3})+)(?:\\.(\\d*))?${EXPONENT}`, "u"),
  new RegExp(`^([+-]?)(\\d*|\\d{1,3}(?:[. \u00a0\u202f'’]\\d{3})+)(?:,(\\d*))?${EXPONENT}`, "u"),
];

/** None if the text is not a number. */
function readings(text: string): Reading[] {
  const plain = text.replace(/^\((.*)\)$/u, "-$1");
  const bare = plain.replace(/^([+-]?)\s*[$€£¥]\s*/u, "$1").replace(/\s*[%$€£¥]$/u, "");
  return NUMBERS.flatMap((shape) => {
    const match = shape.exec(bare);
    if (match === null) return [];
    const [, sign, grouped, fraction = "", exponent] = match;
    const whole = grouped.replaceAll(/\D/gu, "");
    const all = whole + fraction;
    if (all === "") return [];
    const digits = all.replace(/^0+/u, "");
    return [{
      sign: sign === "-" ? "-" : "",
      digits: digits.replace(/0+$/u, ""),
      power: digits === ""
        ? 0
        : whole.length - (all.length - digits.length) + Number(exponent ?? 0),
      hasExponent: exponent !== undefined,
    }];
  });
}

interface Day {
  /** Two digits; null if there are none. */
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
}

interface When {
  readonly days: readonly Day[];
  /** `8:05`, in 24 hours; null for none. */
  readonly time: string | null;
}

function dateDoing(from: string, to: string): string | null {
  const old = when(from), now = when(to);
  if (old === null) return null;
  if (now === null) {
    return old.days.some((day) => to === serial(day)) ? "a date that became a number" : null;
  }
  if (old.time !== null && now.time !== null && old.time !== now.time) return null;
  if (old.days.length === 0 && now.days.length === 0) return "a time re-written";
  const same = old.days.some((one) => now.days.some((other) => isSameDay(one, other)));
  return same ? "a date re-written" : null;
}

function isSameDay(one: Day, other: Day): boolean {
  return one.month === other.month && one.day === other.day &&
    (one.year === null || other.year === null || one.year === other.year);
}

/** Days since 30 December 1899, which Excel shows if a date's cell loses its format. */
function serial({ year, month, day }: Day): string | null {
  if (year === null) return null;
  const full = year < 70 ? 2000 + year : 1900 + year;
  return String(Date.UTC(full, month - 1, day) / 86_400_000 + 25_569);
}

const TIME =
  /(?:^|[T ,]+)(\d{1,2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$/u;
/** Three letters of the months' names in the languages of Europe, without accents. */
const MONTHS: readonly RegExp[] = [
  /^(?:jan|jän|gen|ene)/u,
  /^(?:feb|fev|fév)/u,
  /^(?:mar|mär|mrz|maa)/u,
  /^(?:apr|avr|abr)/u,
  /^(?:may|mai|mag|mei|maj)/u,
  /^(?:jun|juin|giu)/u,
  /^(?:jul|juil|lug)/u,
  /^(?:aug|aou|aoû|ago)/u,
  /^(?:sep|set)/u,
  /^(?:oct|okt|ott|out)/u,
  /^(?:nov)/u,
  /^(?:dec|dez|dic|déc)/u,
];

/** Null if the text is neither a date nor a time. */
function when(text: string): When | null {
  const match = TIME.exec(text);
  const date = (match === null ? text : text.slice(0, match.index)).trim();
  const time = match && clock(match);
  if (date === "") return time === null ? null : { days: [], time };
  const days = daysOf(date);
  return days.length === 0 ? null : { days, time };
}

function clock([, hour, minute, half]: RegExpExecArray): string {
  const hours = half === undefined
    ? Number(hour)
    : Number(hour) % 12 + (/^p/iu.test(half) ? 12 : 0);
  return `${hours}:${minute}`;
}

function daysOf(text: string): Day[] {
  const parts = text.toLowerCase().match(/\d+|\p{L}+/gu) ?? [];
  const isDate = parts.length >= 2 && parts.length <= 3 &&
    /^[\p{L}\d]+(?:[-/., ]*[\p{L}\d]+)+\.?$/u.test(text);
  if (!isDate) return [];
  const words = parts.filter((part) => /\p{L}/u.test(part));
  const numbers = parts.filter((part) => /^\d/u.test(part));
  if (words.length > 1 || numbers.some((number) => number.length === 3 || number.length > 4)) {
    return [];
  }
  const made = (year: string | null, month: number, day: string): Day[] =>
    month >= 1 && month <= 12 && Number(day) >= 1 && Number(day) <= 31 && day.length <= 2
      ? [{ year: year === null ? null : Number(year) % 100, month, day: Number(day) }]
      : [];
  if (words.length === 1) {
    const month = MONTHS.findIndex((name) => name.test(words[0])) + 1;
    const [one, two = null] = numbers;
    if (two !== null) return [...made(two, month, one), ...made(one, month, two)];
    // `Jan-24`: a day, or a year.
    return [...made(null, month, one), ...made(one, month, "1")];
  }
  const [a, b, c = null] = numbers;
  // A month without a day.
  if (c === null && a.length === 4) return made(a, Number(b), "1");
  if (c === null && b.length === 4) return made(b, Number(a), "1");
  if (c === null) return [...made(null, Number(a), b), ...made(null, Number(b), a)];
  if (a.length === 4) return made(a, Number(b), c);
  return [...made(c, Number(b), a), ...made(c, Number(a), b)];
}

const YES = /^(?:true|wahr|vrai|verdadero|vero|waar)$/iu;
const NO = /^(?:false|falsch|faux|falso|onwaar)$/iu;

function wordDoing(from: string, to: string): string | null {
  if ((YES.test(from) && YES.test(to)) || (NO.test(from) && NO.test(to))) {
    return "true or false re-written";
  }
  const [old, now] = [Array.from(from), Array.from(to)];
  const lost = old.length === now.length && now.includes("?") &&
    old.every((letter, i) => letter === now[i] || (now[i] === "?" && letter > "\u007f"));
  return lost ? "letters that became question marks" : null;
}
