/** Cron lines: five fields, for minute, hour, day of the month, month and day of the week. */

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** Of each month, in a leap year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const FIELDS: readonly Field[] = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12, words: MONTHS },
  // 7 is Sunday, too.
  { name: "day of the week", from: 0, to: 7, words: DAYS },
];

/** What is wrong with a cron line; null if it is right and comes true on some day. */
export function cronMistake(line: string): string | null {
  const parts = line.trim().split(/\s+/u);
  if (parts.length !== 5) {
    return "five fields (minute, hour, day of the month, month, day of the week), " +
      "such as 0 6 * * 1-5";
  }
  const sets = parts.map((part, index) => valuesOf(part, FIELDS[index]));
  const wrong = sets.findIndex((values) => values === null);
  if (wrong !== -1) {
    const { name, from, to } = FIELDS[wrong];
    return `a ${name} from ${from} to ${to}, *, or such as 1-5, 1,3 or */2 in place of ${
      JSON.stringify(parts[wrong])
    }`;
  }
  const [, , days, months] = sets as readonly (readonly number[])[];
  const comes = parts[4] !== "*" || months.some((month) => days[0] <= LENGTHS[month - 1]);
  return comes ? null : "a day that some month has: this line is never due";
}

/** Sorted; null if the field is wrong. */
function valuesOf(part: string, field: Field): readonly number[] | null {
  const values = new Set<number>();
  for (const item of part.split(",")) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/u.exec(item);
    if (match === null) return null;
    const [, all, first, last, step = "1"] = match;
    const from = all ? field.from : numberOf(first, field);
    const to = all ? field.to : last === undefined ? from : numberOf(last, field);
    // `5/10` means different things to different programs.
    if (!all && last === undefined && match[4] !== undefined) return null;
    if (from === null || to === null || from > to || Number(step) === 0) return null;
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function numberOf(text: string, { from, to, words }: Field): number | null {
  const word = words?.indexOf(text.toLowerCase()) ?? -1;
  if (word !== -1) return word + from;
  const number = /^\d{1,2}$/u.test(text) ? Number(text) : NaN;
  return number >= from && number <= to ? number : null;
}

/** `at 06:00 on Monday to Friday`. The line is right. */
export function cronInWords(line: string): string {
  const [minute, hour, day, month, weekday] = line.trim().split(/\s+/u);
  const onDay = day === "*" ? "" : ` on day ${inWords(day)} of the month`;
  const onWeekday = weekday === "*" ? "" : ` on ${inWords(weekday, dayName)}`;
  // As cron has it: one of the two is enough.
  const either = day !== "*" && weekday !== "*" ? `${onDay}, and${onWeekday}` : onDay + onWeekday;
  const inMonth = month === "*" ? "" : ` in ${inWords(month, monthName)}`;
  const when = either + inMonth;
  return timeOf(minute, hour) + (when === "" && /^\d+$/u.test(hour) ? " every day" : when);
}

function timeOf(minute: string, hour: string): string {
  const isOne = (field: string) => /^\d+$/u.test(field);
  if (isOne(minute) && isOne(hour)) return `at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  const minutes = minute === "*" ? "every minute" : `at minute ${inWords(minute)}`;
  return hour === "*"
    ? minute === "*" ? minutes : `${minutes} of every hour`
    : `${minutes} of hour ${inWords(hour)}`;
}

function inWords(field: string, name = (text: string) => text): string {
  return field.split(",").map((item) => {
    const [range, step] = item.split("/");
    const [from, to] = range.split("-");
    const words = range === "*"
      ? "every"
      : to === undefined
      ? name(from)
      : `${name(from)} to ${name(to)}`;
    if (step === undefined) return words;
    return range === "*" ? `0, ${step}, … (every ${step})` : `${words}, every ${step}`;
  }).join(" and ");
}

const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTH_NAMES = [
  ...["January", "February", "March", "April", "May", "June", "July", "August"],
  ...["September", "October", "November", "December"],
];

function dayName(text: string): string {
  return DAY_NAMES[numberOf(text, FIELDS[4])! % 7];
}

function monthName(text: string): string {
  return MONTH_NAMES[numberOf(text, FIELDS[3])! - 1];
}
