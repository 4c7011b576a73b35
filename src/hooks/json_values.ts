/** Objects and lists that hooks give, as JSON: nothing in them is left out or rounded in silence. */
import type { GivenCell } from "./messages.ts";
import { isThenable, nameOf, plainNumber } from "./value_words.ts";

/** How a place in a value is called after its column's name: ` 2.sku` is the second entry's `sku`. */
export function placeIn(path: readonly PropertyKey[]): string {
  return path.map((key) => typeof key === "number" ? ` ${key + 1}` : `.${String(key)}`).join("");
}

/** `before`: the JSON that the value was read from. Numbers of it keep their digits. */
export function writeJson(value: object, before?: string): GivenCell {
  try {
    return {
      j: new JsonWriter(before === undefined ? NO_NUMBERS : longNumbers(before)).write(value),
    };
  } catch (error) {
    if (error instanceof NoJson) return { error: error.found, at: placeIn(error.path) };
    if (error instanceof RangeError) return { error: "an object with too many others in it" };
    // A getter, say, has thrown it.
    return { error: "an object that can't be read" };
  }
}

/** What is found at a place where it can't be. */
class NoJson extends Error {
  constructor(readonly found: string, readonly path: readonly PropertyKey[]) {
    super(found);
  }
}

class JsonWriter {
  readonly #numbers: Numbers;
  readonly #path: PropertyKey[] = [];
  readonly #within = new Set<object>();

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  write(value: unknown): string {
    switch (typeof value) {
      case "string":
        return value.isWellFormed()
          ? JSON.stringify(value)
          : this.#refuse("a text with half of a character");
      case "number":
        return Number.isFinite(value) ? this.#number(value) : this.#refuse(String(value));
      case "boolean":
      case "bigint":
        return String(value);
      case "object":
        return value === null ? "null" : this.#object(value);
      default:
        return this.#refuse(nameOf(value));
    }
  }

  #number(value: number): string {
    const texts = this.#numbers.get(value);
    if (texts === undefined) return plainNumber(value);
    const [first, ...others] = texts;
    if (others.every((text) => isEqual(text, first))) return first;
    const another = others.find((text) => !isEqual(text, first));
    return this.#refuse(
      `a number that may be ${first} or ${another}, which JavaScript takes for one`,
    );
  }

  #object(value: object): string {
    if (this.#within.has(value)) return this.#refuse("an object that contains itself");
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) return this.#refuse("an invalid date");
      return JSON.stringify(value.toISOString());
    }
    this.#within.add(value);
    const text = Array.isArray(value)
      ? this.#list(value)
      : "toJSON" in value && typeof value.toJSON === "function"
      ? this.write(value.toJSON())
      : this.#entries(value);
    this.#within.delete(value);
    return text;
  }

  #list(list: readonly unknown[]): string {
    const parts: string[] = [];
    for (let index = 0; index < list.length; index++) parts.push(this.#part(index, list[index]));
    return `[${parts.join(",")}]`;
  }

  /** What is undefined isn't there. */
  #entries(object: object): string {
    // A set, say, would be an object without anything in it.
    if (Object.prototype.toString.call(object) !== "[object Object]" || isThenable(object)) {
      return this.#refuse(
        isThenable(object) ? "a promise" : `an object of class ${object.constructor.name}`,
      );
    }
    const parts: string[] = [];
    for (const [key, value] of Object.entries(object)) {
      if (value === undefined) continue;
      const name = key.isWellFormed() ? key : this.#refuse("a name with half of a character");
      parts.push(`${JSON.stringify(name)}:${this.#part(key, value)}`);
    }
    return `{${parts.join(",")}}`;
  }

  #part(key: PropertyKey, value: unknown): string {
    this.#path.push(key);
    const text = this.write(value);
    this.#path.pop();
    return text;
  }

  #refuse(found: string): never {
    throw new NoJson(found, [...this.#path]);
  }
}

/** By their value in JavaScript: numbers that JSON writes in another way, as it does. */
type Numbers = ReadonlyMap<number, readonly string[]>;

const NO_NUMBERS: Numbers = new Map();

function longNumbers(text: string): Numbers {
  const found = new Map<number, string[]>();
  const note = (_: string, value: unknown, { source }: { source?: string } = {}): unknown => {
    if (typeof value === "number" && source !== undefined) {
      const texts = found.get(value) ?? [];
      if (!texts.includes(source)) texts.push(source);
      found.set(value, texts);
    }
    return value;
  };
  JSON.parse(text, note);
  for (const [value, [text, ...others]] of found) {
    if (others.length === 0 && text === plainNumber(value)) found.delete(value);
  }
  return found;
}

/** Are these the same number, in JSON's notation? */
function isEqual(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

/** Its digits without zeros at both ends, and the power of ten of the last one. */
function normal(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/u.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/u, "");
  const shown = digits.replace(/0+$/u, "");
  if (shown === "") return "0";
  return `${sign}${shown}e${Number(exponent) - fraction.length + digits.length - shown.length}`;
}
