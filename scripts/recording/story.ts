/** What the recording shows: a file with two kinds of mistakes, and how they are put right. */

export const TABLE = `create table customers (
  email text primary key,
  full_name text not null,
  signed_up date not null,
  plan text not null
)`;

export const DEFINITION = `table: customers
key: email
columns:
  email: {}
  full_name: {}
  signed_up: {}
  plan: { one_of: [free, pro, team] }
`;

const FIRST = "Ada Grace Alan Linus Barbara Edsger Donald Margaret".split(" ");
const LAST = "Lovelace Hopper Turing Pauling Liskov Dijkstra Knuth Hamilton".split(" ");
const PLANS = ["free", "pro", "team"];

/** In pieces. Some dates are German, and some plans begin with a capital. */
export function* customers(rows: number): Generator<string> {
  yield "email,full_name,signed_up,plan\n";
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - from) }, (_, at) => line(from + at));
    yield lines.join("");
  }
}

function line(number: number): string {
  const [first, last] = [FIRST[number % 8], LAST[(number >> 3) % 8]];
  const year = 2015 + number % 10;
  const month = two(1 + number % 12);
  const date = number % 83 === 41
    ? `${13 + number % 16}.${month}.${year}`
    : `${year}-${month}-${two(1 + number % 28)}`;
  const plan = PLANS[number % 3];
  const written = number % 197 === 50 ? plan[0].toUpperCase() + plan.slice(1) : plan;
  const email = `${first}.${last}.${number}@example.com`.toLowerCase();
  return `${email},${first} ${last},${date},${written}\n`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

export interface Step {
  /** Begins with an empty screen. */
  readonly clears: boolean;
  readonly words: readonly string[];
  /** Seconds that its output takes in the picture, however long it took. */
  readonly takes: number;
  /** Seconds to read it. */
  readonly stays: number;
}

export const STEPS: readonly Step[] = [
  { clears: true, words: ["run", "customers", "--file", "customers.csv"], takes: 5.5, stays: 3.5 },
  { clears: true, words: ["errors"], takes: 0, stays: 6 },
  { clears: true, words: ["errors", "--suggest", "--apply"], takes: 0, stays: 4 },
  { clears: false, words: ["retry", "1"], takes: 1, stays: 5 },
];
