/** Types of columns, and the texts that files hold for them: right ones, odd ones and wrong ones. */
import fc from "fast-check";

export interface ColumnType {
  /** As in `create table`. */
  readonly sql: string;
  readonly texts: fc.Arbitrary<string>;
  /**
   * Notations that Postgres takes, and ingest only with a `format` or `type: text`: the documents
   * name them.
   */
  readonly odd?: fc.Arbitrary<string>;
}

/** What every database needs before columns of these types can be made. */
export const TYPE_DEFINITIONS = `
  create type mood as enum ('sad', 'ok', 'Happy day');
  create domain small_even as int check (value % 2 = 0 and value < 100);
  create domain code as text check (value ~ '^[A-Z]{2}[0-9]+$') not null;
  create type pair as (x int, y text);
`;

function texts(...list: string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...list);
}

function padded(part: number, width: number): string {
  return String(part).padStart(width, "0");
}

const dateParts = fc.record({
  y: fc.integer({ min: 1, max: 9999 }),
  m: fc.integer({ min: 1, max: 12 }),
  d: fc.integer({ min: 1, max: 31 }),
});
const isoDate = dateParts.map(({ y, m, d }) => `${padded(y, 4)}-${padded(m, 2)}-${padded(d, 2)}`);
const takenDate = dateParts.chain(({ y, m, d }) => {
  const day = `${padded(m, 2)}-${padded(d, 2)}`;
  return texts(
    `${padded(y, 4)}-${day}`,
    `${padded(y, 4)}-${day}`,
    `${padded(y, 4)}${padded(m, 2)}${padded(d, 2)}`,
    `${padded(y, 4)}-${day} BC`,
    `${y + 10_000}-${day}`,
  );
});
const oddDate = dateParts.chain(({ y, m, d }) =>
  texts(
    `${padded(y, 4)}/${m}/${d}`,
    `${m}/${d}/${padded(y, 4)}`,
    `${padded(d, 2)}.${padded(m, 2)}.${padded(y, 4)}`,
    `${padded(y, 4)}-${padded(m, 2)}-${padded(d, 2)} AD`,
    `${padded(y, 4)}.${padded((d * 12) % 366, 3)}`,
  )
);
const timeParts = fc.record({
  h: fc.integer({ min: 0, max: 24 }),
  m: fc.integer({ min: 0, max: 59 }),
  s: fc.integer({ min: 0, max: 59 }),
  f: texts("", ".5", ".123", ".123456"),
});
const takenTime = timeParts.chain(({ h, m, s, f }) =>
  texts(
    `${padded(h, 2)}:${padded(m, 2)}:${padded(s, 2)}${f}`,
    `${padded(h, 2)}:${padded(m, 2)}:${padded(s, 2)}${f}`,
    `${padded(h, 2)}:${padded(m, 2)}`,
  )
);
const oddTime = timeParts.chain(({ h, m, s }) =>
  texts(
    `${h}:${padded(m, 2)}:${padded(s, 2)}`,
    `${padded(h % 12, 2)}:${padded(m, 2)} PM`,
    `${padded(h, 2)}${padded(m, 2)}`,
    `${padded(h, 2)}:${padded(m, 2)}:60`,
    `${padded(h, 2)}:${padded(m, 2)}:${padded(s, 2)}.`,
    `${padded(h, 2)}:${padded(m, 2)}:${padded(s, 2)}.9999999`,
    "allballs",
  )
);
const takenZone = texts("", "Z", "+02", "-03:30", "+05:30", "+00:53:28", "-15:59", "+16");
const oddZone = texts("z", "-0330", " UTC", " Europe/Berlin", " EST", " +01");
const joined = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((parts) => parts.join(""));
const takenTimestamp = joined(isoDate, texts(" ", "T"), takenTime, takenZone);
const localTimestamp = joined(isoDate, texts(" ", "T"), takenTime);
const oddTimestamp = fc.oneof(
  joined(oddDate, texts(" "), takenTime, takenZone),
  joined(isoDate, texts("t", "  ", "_"), takenTime),
  joined(isoDate, texts(" "), oddTime),
  joined(isoDate, texts(" "), takenTime, oddZone),
);
const specialDates = texts("infinity", "-infinity", "Infinity", "2024-02-30", "x");
const oddDates = fc.oneof(oddDate, texts("epoch", "J2451187", "yesterday"), takenTimestamp);

const wholeNumber = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.integer({ min: -40_000, max: 40_000 }).map(String),
  texts("+5", "-0", "007", "1.0", "1e3", "1 000", "32767", "32768", "-32768"),
  texts("2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "", "--1"),
);
/** Postgres 16 and later. */
const oddNumber = texts("0x1F", "0o17", "0b101", "1_000");
const decimal = fc.oneof(
  wholeNumber,
  fc.double({ noNaN: true }).map(String),
  fc.tuple(fc.integer(), fc.nat({ max: 99_999 })).map(([a, b]) => `${a}.${b}`),
  texts("NaN", "nan", "Infinity", "-infinity", "inf", "+inf", ".5", "5.", ".", "1e400", "1e-400"),
  texts("-0.0", "0.005", "99999.995", "123456.78", "1E5", "1e+5", "1,5", "0.1234567890123456789"),
);
const boolean = texts(
  ..."t f true false TRUE False yes no y n on off 1 0 tr tru fal ye of o 2 wahr".split(" "),
);
const uuid = fc.uuid().chain((id) =>
  texts(
    id,
    id.toUpperCase(),
    id.replaceAll("-", ""),
    `{${id}}`,
    id.slice(1),
    `{${id}`,
    id.replaceAll("-", "").replace(/(.{4})(?!$)/g, "$1-"),
  )
);
const json = fc.oneof(
  fc.json(),
  texts("null", "{}", '{"a":1,"a":2}', "[1,", "1e1000", '"\\u0000"', '"\\ud800"', "  [ 1 ]  "),
  texts("12345678901234567890.123456789", "-0", '{"b":1, "a":[]}', "nul", "True"),
);
const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  texts("a b", " a", "a ", "  ", "\t", 'say "hi"', "a,b;c|d", "line\nbreak", "cr\r\nlf", "NULL"),
  texts(
    "\\N",
    "\\.",
    "\\x41",
    "é",
    "ß",
    "€",
    "日本",
    "😀",
    "e\u0301",
    "\u00a0x\u00a0",
    "x".repeat(300),
  ),
);

export const COLUMN_TYPES: readonly ColumnType[] = [
  { sql: "smallint", texts: wholeNumber, odd: oddNumber },
  { sql: "integer", texts: wholeNumber, odd: oddNumber },
  { sql: "bigint", texts: wholeNumber, odd: oddNumber },
  { sql: "numeric", texts: decimal, odd: oddNumber },
  { sql: "numeric(7,2)", texts: decimal, odd: oddNumber },
  { sql: "real", texts: decimal, odd: oddNumber },
  { sql: "double precision", texts: decimal, odd: oddNumber },
  { sql: "boolean", texts: boolean },
  { sql: "text", texts: anyText },
  { sql: "varchar(5)", texts: anyText },
  { sql: "char(3)", texts: anyText },
  { sql: '"char"', texts: anyText },
  { sql: "name", texts: anyText },
  { sql: "date", texts: fc.oneof(takenDate, takenDate, specialDates), odd: oddDates },
  { sql: "time", texts: fc.oneof(takenTime, texts("24:00:00", "25:00")), odd: oddTime },
  { sql: "timetz", texts: joined(takenTime, takenZone), odd: joined(oddTime, oddZone) },
  { sql: "timestamp", texts: fc.oneof(localTimestamp, specialDates), odd: oddTimestamp },
  { sql: "timestamp(0)", texts: fc.oneof(localTimestamp, isoDate), odd: oddTimestamp },
  { sql: "timestamptz", texts: fc.oneof(takenTimestamp, specialDates), odd: oddTimestamp },
  {
    sql: "interval",
    texts: texts(
      "1 day",
      "P1DT2H",
      "-1 year 2 mons",
      "1-2",
      "3:04:05",
      "2 fortnights",
      "@ 1 min ago",
    ),
  },
  { sql: "uuid", texts: uuid },
  { sql: "json", texts: json },
  { sql: "jsonb", texts: json },
  { sql: "bytea", texts: texts("\\x41ff", "\\x4", "abc", "\\101", "a\\\\b", "\\x", "\\9") },
  { sql: "inet", texts: texts("10.0.0.1", "10.0.0.0/8", "::1", "10.1", "fe80::/64", "300.0.0.1") },
  { sql: "cidr", texts: texts("10.0.0.0/8", "10.0.0.1/8", "10", "::/0") },
  { sql: "macaddr", texts: texts("08:00:2b:01:02:03", "08002b010203", "08-00-2b-01-02", "x") },
  {
    sql: "int[]",
    texts: texts("{1,2}", "{}", "{1,NULL}", "[2:3]={1,2}", "{1,2", "{{1},{2}}", "1"),
  },
  { sql: "text[]", texts: texts('{a,"b c"}', '{"q\\"x"}', "{,}", "{null}", "{a", "{é}") },
  {
    sql: "int4range",
    texts: texts("[1,5)", "(1,5]", "empty", "[5,1)", "[,]", "[1,2", " [ 1 , 2 ) "),
  },
  { sql: "money", texts: texts("$1.50", "1.5", "(2)", "-$3", "x", "1,234.5") },
  { sql: "bit(3)", texts: texts("101", "10", "1010", "B101", "x5", "102") },
  { sql: "varbit", texts: texts("101", "", "x5", "2") },
  { sql: "point", texts: texts("(1,2)", "1,2", "(1,2", "(nan,1)") },
  { sql: "tsvector", texts: texts("a b", "'a b':1", "a:1A", "'", "a:x") },
  { sql: "oid", texts: wholeNumber, odd: oddNumber },
  { sql: "xid8", texts: wholeNumber },
  { sql: "pg_lsn", texts: texts("0/0", "16/B374D848", "x", "1") },
  { sql: "mood", texts: texts("sad", "Sad", "ok", "Happy day", "happy", " ok ", "") },
  { sql: "small_even", texts: wholeNumber },
  { sql: "code", texts: texts("AB1", "ab1", "AB", "XY99", "") },
  { sql: "pair", texts: texts("(1,a)", '(1,"a b")', "(x,a)", "(1)", "(,)") },
];
