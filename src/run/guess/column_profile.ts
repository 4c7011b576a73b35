/** What the values of one column of a file are, all of them, in bounded memory. */
import { classify } from "./classify.ts";
import { type Form, TEXT } from "./form.ts";
import { type HashRoom, Repeats, type Uniqueness } from "./repeats.ts";

/** Places of values, the first ones of many. */
export interface Places {
  readonly count: number;
  readonly lines: readonly number[];
  /** The first of them. */
  readonly example: string;
}

/** How many places are remembered of values that are alike. */
const REMEMBERED = 5;
/** A column with more different texts has no small set of words. */
const MOST_WORDS = 50;
const LONGEST_WORD = 60;
const SAMPLE = 500;
/** Forms of one column; a column with more is a text. */
const MOST_FORMS = 200;
const LONGEST_EXAMPLE = 40;

/** Texts that stand for no value. */
const NULL_WORD = /^(?:null|\\n|\(null\)|#?n\/a|#?na|n\.a\.|k\.a\.|nil|none|nan|-{1,3}|\.|\?)$/iu;

/** What was read of a column. */
export interface ColumnFacts {
  readonly name: string;
  /** Rows with a value, those with words for NULL included. */
  readonly filled: number;
  readonly empty: number;
  /** The lines of the first rows without a value. */
  readonly emptyLines: readonly number[];
  /** Values by what they may be. Words for NULL are not among them. */
  readonly forms: ReadonlyMap<Form, Places>;
  /** Texts that may stand for NULL. */
  readonly nullWords: ReadonlyMap<string, Places>;
  /** Characters of the longest value. */
  readonly longest: number;
  /** The most digits of a value that may be a number. */
  readonly digits: number;
  /** All different texts with their counts, the first ones first; null if there are many. */
  readonly words: ReadonlyMap<string, number> | null;
  /** Some different values, the first ones. */
  readonly sample: readonly string[];
  readonly uniqueness: Uniqueness;
}

class PlacesSoFar implements Places {
  count = 0;
  readonly lines: number[] = [];

  constructor(readonly example: string) {}

  add(line: number): void {
    this.count++;
    if (this.lines.length < REMEMBERED) this.lines.push(line);
  }
}

/** Where classifying a text again is worth remembering it: where most texts come again. */
const REMEMBERED_TEXTS = 2000;
const LONGEST_REMEMBERED = 100;

export class ColumnProfile {
  readonly #name: string;
  #filled = 0;
  #empty = 0;
  readonly #emptyLines: number[] = [];
  readonly #forms = new Map<Form, PlacesSoFar>();
  readonly #nullWords = new Map<string, PlacesSoFar>();
  #longest = 0;
  #digits = 0;
  #words: Map<string, number> | null = new Map();
  readonly #sample = new Set<string>();
  readonly #repeats: Repeats;
  readonly #known = new Map<string, Form>();
  #recalls = 0;
  #misses = 0;

  constructor(name: string, room: HashRoom) {
    this.#name = name;
    this.#repeats = new Repeats(room);
  }

  /** A row without a value. */
  addEmpty(line: number): void {
    this.#empty++;
    if (this.#emptyLines.length < REMEMBERED) this.#emptyLines.push(line);
  }

  /** `text`: without blanks around it, and not empty. */
  add(text: string, line: number): void {
    this.#filled++;
    if (text.length > this.#longest) this.#longest = text.length;
    this.#countWord(text);
    if (this.#sample.size < SAMPLE && text.length <= LONGEST_REMEMBERED) this.#sample.add(text);
    this.#repeats.add(text, line);
    if (text.length <= 6 && NULL_WORD.test(text)) {
      return placesIn(this.#nullWords, text, text).add(line);
    }
    const form = this.#form(text);
    if (form !== TEXT && form.kinds[0].type === "number") this.#countDigits(text);
    placesIn(this.#forms, form, text).add(line);
  }

  facts(): ColumnFacts {
    return {
      name: this.#name,
      filled: this.#filled,
      empty: this.#empty,
      emptyLines: this.#emptyLines,
      forms: this.#forms,
      nullWords: this.#nullWords,
      longest: this.#longest,
      digits: this.#digits,
      words: this.#words,
      sample: [...this.#sample],
      uniqueness: this.#repeats.found,
    };
  }

  #form(text: string): Form {
    const isKnowable = text.length <= LONGEST_REMEMBERED &&
      this.#recalls * 4 >= this.#misses - 8000;
    const known = isKnowable ? this.#known.get(text) : undefined;
    if (known !== undefined) {
      this.#recalls++;
      return known;
    }
    this.#misses++;
    const found = classify(text);
    const form = this.#forms.has(found) || this.#forms.size < MOST_FORMS ? found : TEXT;
    if (isKnowable) {
      if (this.#known.size >= REMEMBERED_TEXTS) this.#known.clear();
      this.#known.set(text, form);
    }
    return form;
  }

  #countWord(text: string): void {
    if (this.#words === null) return;
    const count = this.#words.get(text);
    if (count === undefined && (this.#words.size >= MOST_WORDS || text.length > LONGEST_WORD)) {
      this.#words = null;
    } else this.#words.set(text, (count ?? 0) + 1);
  }

  #countDigits(text: string): void {
    let digits = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 48 && unit <= 57) digits++;
    }
    if (digits > this.#digits) this.#digits = digits;
  }
}

function placesIn<Key>(all: Map<Key, PlacesSoFar>, key: Key, text: string): PlacesSoFar {
  let places = all.get(key);
  if (places === undefined) {
    const letters = Array.from(text.slice(0, LONGEST_EXAMPLE + 1));
    const isCut = text.length > LONGEST_EXAMPLE;
    places = new PlacesSoFar(isCut ? `${letters.slice(0, LONGEST_EXAMPLE).join("")}…` : text);
    all.set(key, places);
  }
  return places;
}
