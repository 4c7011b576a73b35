/** Random JSON, whole and damaged. */
import fc from "fast-check";

const noBracket = fc.string({ unit: "grapheme" })
  .filter((text) => !/^[[{]/u.test(text) && !text.includes("\0"));
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
  fc.constantFrom("0", "-0", "1.50", "1e3", "2.5E-7", "0.10"),
);
const text = noBracket.chain((value) =>
  fc.boolean().map((isAscii) => {
    const json = JSON.stringify(value);
    return isAscii
      ? json.replace(/[^ -~]/gu, (c) =>
        [...Array(c.length)].map((_, i) =>
          `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`
        ).join(""))
      : json;
  })
);
const scalar = fc.oneof(number, text, fc.constantFrom("null", "true", "false"));
const blank = fc.constantFrom("", " ", "\t", "  ");
const list = (item: fc.Arbitrary<string>) =>
  fc.tuple(blank, fc.array(item, { maxLength: 3 }))
    .map(([space, items]) => `[${space}${items.join(`${space},`)}${space}]`);
const object = (value: fc.Arbitrary<string>, key: fc.Arbitrary<string>) =>
  fc.tuple(
    blank,
    fc.uniqueArray(key, { maxLength: 6 }),
    fc.array(value, { minLength: 6, maxLength: 6 }),
  )
    .map(([space, keys, items]) =>
      `{${space}${
        keys.map((name, i) => `${JSON.stringify(name)}${space}:${space}${items[i]}`)
          .join(`${space},`)
      }${space}}`
    );
const inner = fc.oneof(scalar, list(scalar), object(scalar, fc.constantFrom("a", "d", "x")));
const value = fc.oneof(scalar, list(inner), object(inner, fc.constantFrom("a", "b", "d", "x")));
export const record = object(value, fc.constantFrom("a", "b", "c", "e", "f", "other", "ä"));

/** Text made of what makes JSON difficult, whole records among it. */
export const rubble = fc.array(
  fc.oneof(
    record,
    fc.constantFrom('{"a":1}', '\n{"a":2},', "{", "}", "[", "]", ",", ":", '"', "\\", "\n", "\r\n"),
    fc.constantFrom(" ", "nul", "null", "-", "1.", "tru", "'", "/", "a", "é", '{"a":"x\n'),
  ),
  { maxLength: 14 },
).map((parts) => parts.join(""));

/** Keys that fill whole vectors with what stands around them, nearly do, or are too long to be noted. */
const LENGTHS = [11, 12, 13, 27, 28, 29, 59, 60, 61, 80];
export const LONG_KEYS = LENGTHS.map((length) => `${length}`.padEnd(length, "-key"));

interface Member {
  readonly key: string;
  /** Before the key, behind it and behind the colon. */
  readonly blanks: readonly [string, string, string];
}

type Change = (members: Member[], at: number) => void;

const written = ({ key, blanks: [before, behind, between] }: Member, item: string) =>
  `${before}${key}${behind}:${between}${item}`;

/** How a record may differ from those before it. */
const changes: readonly Change[] = [
  (members, at) => members.splice(at, 1),
  (members, at) => members.push(...members.splice(at, 1)),
  (members, at) => members.splice(0, 0, ...members.splice(at, 1)),
  (members, at) => members.splice(at, 0, { ...members[at] }),
  (members, at) => members.push({ ...members[at] }),
  (members, at) => members.splice(at, 0, { ...members[at], key: '"another"' }),
  (members, at) => members.splice(at, 1, { ...members[at], key: '"\\u0061"' }),
  (members, at) => members.splice(at, 1, { ...members[at], key: members[at].key.slice(0, -1) }),
  (members, at) => members.splice(at, 1, { ...members[at], key: `${members[at].key} "` }),
  ...["", " ", "\n  ", "\r\n", "\t\t", "x", ":", ","].map((blank): Change => (members, at) =>
    members.splice(at, 1, { ...members[at], blanks: [blank, "", blank] })
  ),
];

/** Records as programs write them: the same keys and blanks in nearly all of them. */
export const alike = fc.record({
  members: fc.uniqueArray(
    fc.record({
      key: fc.constantFrom("a", "b", "c", "e", "f", "ä", ...LONG_KEYS).map((key) => `"${key}"`),
      blanks: fc.constantFrom(["", "", ""], ["", "", " "], ["\n    ", "", " "], ["  ", " ", ""]),
    }),
    { selector: ({ key }) => key, minLength: 1, maxLength: 6 },
  ),
  rows: fc.array(
    fc.record({
      items: fc.array(value, { minLength: 7, maxLength: 7 }),
      change: fc.option(fc.tuple(fc.constantFrom(...changes), fc.nat()), { freq: 3 }),
      space: blank,
    }),
    { minLength: 2, maxLength: 8 },
  ),
}).map(({ members, rows }) =>
  rows.map(({ items, change, space }) => {
    const own = members.map(({ key, blanks: [one, two, three] }): Member => ({
      key,
      blanks: [one, two, three],
    }));
    if (change !== null) change[0](own, change[1] % own.length);
    return `{${own.map((member, i) => written(member, items[i])).join(",")}${space}}`;
  })
);

/** What looks like a number, and mostly is none. */
export const numberLike = fc.array(fc.constantFrom(..."00123456789..-+eE "), { maxLength: 20 })
  .map((letters) => letters.join(""));
