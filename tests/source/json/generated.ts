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
