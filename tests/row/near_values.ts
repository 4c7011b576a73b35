/** Generators of texts that are values of a type, or nearly: at limits, in odd notations, misspelled. */
import fc from "fast-check";

const NOISE = [..." \t\x1f\u00a0\u2008\u2019\u202f'\"\\.,-+:;/_0159aAeEpPmMzZT{}[]é😀\0"];

/** The text with up to two small mistakes. */
export function misspelled(values: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const mistake = fc.record({
    at: fc.nat(40),
    kind: fc.constantFrom("insert", "replace", "remove", "double"),
    character: fc.constantFrom(...NOISE),
  });
  const mistakes = fc.oneof(
    { arbitrary: fc.constant([]), weight: 5 },
    { arbitrary: fc.array(mistake, { maxLength: 2 }), weight: 4 },
  );
  return fc.tuple(values, mistakes).map(([value, made]) => {
    const characters = Array.from(value);
    for (const { at, kind, character } of made) {
      const place = at % (characters.length + 1);
      if (kind === "insert") characters.splice(place, 0, character);
      else if (kind === "replace") characters.splice(place, 1, character);
      else if (kind === "remove") characters.splice(place, 1);
      else characters.splice(place, 0, characters[place] ?? "");
    }
    return characters.join("");
  });
}

const DIGITS = fc.oneof(
  fc.constantFrom("0", "00", "007", "1000", "12345", "999999", "999999999999999"),
  fc.nat(9_999_999).map(String),
  fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }).map((digits) => digits.join("")),
);

/** `thousands`: all of them mean the same. */
export function numbers(decimal: string, ...thousands: readonly string[]): fc.Arbitrary<string> {
  const whole = fc.tuple(DIGITS, fc.constantFrom("", ...thousands)).map(([digits, separator]) =>
    digits.replaceAll(/\B(?=(?:\d{3})+$)/gu, separator)
  );
  const fraction = fc.oneof(
    fc.constantFrom("", "", decimal, `${decimal}0`, `${decimal}00`, `${decimal}95`),
    DIGITS.map((digits) => decimal + digits),
  );
  return fc.tuple(
    fc.constantFrom("", "", "-", "+"),
    fc.oneof({ arbitrary: whole, weight: 9 }, { arbitrary: fc.constant(""), weight: 1 }),
    fraction,
    fc.oneof(
      { arbitrary: fc.constant(""), weight: 6 },
      {
        arbitrary: fc.constantFrom("e3", "E-02", "e+20", "e-21", "e0", "e-0", "E", "e+"),
        weight: 1,
      },
    ),
  ).map((parts) => parts.join(""));
}

const pad = (width: number) => (number: number) => String(number).padStart(width, "0");

function limits(width: number, near: readonly number[], most: number): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...near), fc.nat(most), fc.nat(most)).map(pad(width));
}

const PARTS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  yyyy: limits(4, [0, 1, 1900, 1999, 2000, 2023, 2024, 2100, 9999], 9999),
  yy: limits(2, [0, 23, 24, 69, 70, 99], 99),
  MM: limits(2, [0, 1, 2, 2, 4, 12, 13], 12),
  M: limits(1, [0, 1, 2, 2, 4, 12, 13], 12),
  dd: limits(2, [0, 1, 28, 29, 30, 31, 32], 28),
  d: limits(1, [0, 1, 28, 29, 30, 31, 32], 28),
  HH: limits(2, [0, 12, 13, 23, 24, 25], 23),
  H: limits(1, [0, 12, 13, 23, 24, 25], 23),
  hh: limits(2, [0, 1, 12, 13], 12),
  h: limits(1, [0, 1, 12, 13], 12),
  mm: limits(2, [0, 59, 60], 59),
  ss: limits(2, [0, 59, 60, 61], 59),
  S: fc.nat(9).map(String),
  SSS: limits(3, [0, 100, 120, 999], 999),
  a: fc.constantFrom("am", "PM", "Am", "pM", "a.m.", "p.m", "xm"),
  Z: fc.oneof(
    fc.constantFrom("Z", "z", "+00", "-00:00", "+02", "-0530", "+05:45", "+15:59", "-15"),
    fc.constantFrom("+16", "+02:60", "+2", "+02:", "UTC", "GMT", "+01:00:30", "", " +02"),
  ),
};

/** Moments in the format. Now and then a part has one digit more or less. */
export function moments(format: string): fc.Arbitrary<string> {
  const pieces = format.match(/'[^']*'|([A-Za-z])\1*|[^]/gu) ?? [];
  return fc.tuple(
    ...pieces.map((piece) => PARTS[piece] ?? fc.constant(piece.replaceAll("'", ""))),
  ).map((parts) => parts.join(""));
}

/** What ISO 8601 and Postgres write, and more. */
export function isoMoments(): fc.Arbitrary<string> {
  const date = moments("yyyy-MM-dd");
  const fraction = fc.constantFrom(
    "",
    "",
    ".5",
    ".120",
    ".000",
    ".123456",
    ".123456789",
    ".",
    ",5",
  );
  const seconds = fc.tuple(fc.constant(":"), PARTS.ss, fraction).map((parts) => parts.join(""));
  const midnight = fc.constantFrom("00:00", "00:00:00", "00:00:00.000", "24:00", "24:00:00");
  const time = fc.oneof(
    fc.tuple(moments("HH:mm"), fc.oneof(seconds, seconds, fc.constant(""))).map((p) => p.join("")),
    midnight,
    moments("HHmmss"),
  );
  const offset = fc.oneof(fc.constant(""), PARTS.Z);
  const separator = fc.constantFrom(" ", "T", "t", "", "  ");
  const era = fc.constantFrom("", "", "", "", "", " BC");
  return fc.oneof(
    date,
    time,
    fc.tuple(date, separator, time, offset, era).map((parts) => parts.join("")),
    fc.constantFrom("20240229", "20240229T123000", "infinity", "-infinity", "12024-01-01"),
  );
}

export function uuids(): fc.Arbitrary<string> {
  return fc.tuple(fc.uuid(), fc.boolean(), fc.boolean(), fc.boolean()).map(
    ([uuid, hasHyphens, hasBraces, isUpper]) => {
      const bare = hasHyphens ? uuid : uuid.replaceAll("-", "");
      const cased = isUpper ? bare.toUpperCase() : bare;
      return hasBraces ? `{${cased}}` : cased;
    },
  );
}

export function jsons(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.json(),
    fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value, null, 1)),
    fc.constantFrom("1e5", "-0", "-0.5E-7", "01", "1.", "-", "[1,]", '{"a":1,}', '"\\u00e9"'),
    fc.constantFrom('"\\ud800"', '"\\x41"', '"\\u12g4"', '"a\tb"', "nul", "truefalse", '{"a" 1}'),
    fc.constantFrom(
      "[[]]]",
      "[}",
      '{"a":[{}]}',
      "[1 2]",
      "{1:2}",
      " [ ] ",
      '"\u007f\u2028"',
      '"\u001f"',
    ),
    fc.integer({ min: 60, max: 70 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
  );
}

export function urls(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.tuple(
      fc.constantFrom("http://", "https://", "HTTPS://", "ftp://", "http:/", "https:///"),
      fc.constantFrom("a.de", "A-b.example", "xn--a.de", "1.2.3.4", "1.2.3", "a.1", "a..b", "-a.b"),
      fc.constantFrom("", "/", ":80", ":99999", ":", "/a b", "?q=%zz", "#é", "/a\\b", "@c.de"),
    ).map((parts) => parts.join("")),
  );
}
