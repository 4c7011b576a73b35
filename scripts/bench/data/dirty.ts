/**
 * Files of customers in which one column is as people write it. They are for definitions that clean
 * one column (importers/steps.ts).
 */
import type { Customer } from "./customer.ts";
import { grouped, mixed, padded, spaced } from "./handwriting.ts";
import { customers, type Kind } from "./kind.ts";
import { pick, randomNumbers } from "./random.ts";

const FEW = 200;
const CODES = 1000;
const SYLLABLES = ["ba", "den", "fil", "go", "hur", "jas", "ko", "lum", "mar", "ne", "pi", "qua"];

export const DIRTY_KINDS = {
  /** Nearly all companies differ: two words in random case and a number, with surplus blanks. */
  labels: companies(label),
  few_labels: customers(oneOfFew(label)),
  /** The same texts, but every second letter is not ASCII. */
  letters: companies((random) => beyondAscii(label(random))),
  /** The same texts in quotes, with quotes around the first word. */
  doubled: companies((random) => `"${label(random).replace(/\w+/u, '""$&""')}"`),
  /** Every second company is missing. */
  gaps: customers((row, random) => {
    const text = label(random);
    row.company = row.id % 2 === 0 ? "" : text;
  }),
  codes: customers((row, random) => {
    row.company = code(Math.floor(random() * CODES));
  }),
  documents: companies((random) => `"{""number"": ${Math.floor(random() * 1e6)}}"`),
  mixed_emails: customers((row, random) => {
    row.email = mixed(row.email, random);
  }),
  german_dates: customers((row) => {
    row.date = row.date.split("-").toReversed().join(".");
  }),
  german_numbers: customers((row) => {
    const [whole, cents] = row.balance.split(".");
    row.balance = `${grouped(whole)},${cents}`;
  }, { delimiter: ";" }),
} as const satisfies Record<string, Kind>;

/** The codes of companies, in files of codes. */
export function everyCode(): string[] {
  return Array.from({ length: CODES }, (_, index) => code(index));
}

/** A letter of ASCII and the one that takes its place: two bytes in UTF-8, in either case. */
export const BEYOND_ASCII = {
  ascii: "abcdefghijklmnopqrstuvwxyz",
  lower: "äбçδéфγħíйκłмñöπθřšтüвωχýž",
  upper: "ÄБÇΔÉФΓĦÍЙΚŁМÑÖΠΘŘŠТÜВΩΧÝŽ",
} as const;

function companies(text: (random: () => number) => string): Kind {
  return customers((row, random) => {
    row.company = text(random);
  });
}

function oneOfFew(text: (random: () => number) => string) {
  const random = randomNumbers(20_260_404);
  const texts = Array.from({ length: FEW }, () => text(random));
  return (row: Customer, random: () => number) => {
    row.company = pick(texts, random);
  };
}

function label(random: () => number): string {
  const words = `${word(random)} ${word(random)}`;
  return spaced(`${mixed(words, random)} ${padded(random() * 1e5, 5)}`, random);
}

function word(random: () => number): string {
  return pick(SYLLABLES, random) + pick(SYLLABLES, random) + pick(SYLLABLES, random);
}

function beyondAscii(text: string): string {
  const { ascii, lower, upper } = BEYOND_ASCII;
  let letters = 0;
  return text.replace(/[a-z]/giu, (letter) => {
    if (letters++ % 2 === 0) return letter;
    const index = ascii.indexOf(letter.toLowerCase());
    return ascii.includes(letter) ? lower[index] : upper[index];
  });
}

function code(index: number): string {
  return `K${padded(index, 4)}`;
}
