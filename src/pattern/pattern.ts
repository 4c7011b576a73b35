/**
 * A definition's regular expression, whose time is bounded whatever the text. The platform's own can
 * take years for a short text, and nothing can interrupt it.
 *
 * Short texts are left to the platform where its time is bounded by the pattern's form (`risk.ts`);
 * nearly all values are such texts. The others take an automaton if the pattern has one, as they do in
 * the kernel; else, and with characters that automatons don't know, they take `BoundedMatcher`.
 *
 * What one text may need beyond its length is limited, and so is what all texts of a pattern need.
 * Otherwise a batch of 20,000 texts that reach the limit would take ten minutes.
 */
import type { Automaton } from "./automaton.ts";
import { compileConditions } from "./conditions.ts";
import { BoundedMatcher } from "./matcher.ts";
import { PatternTooLarge } from "./program.ts";
import { compileReplacement, type Replacement } from "./replacement.ts";
import { quickLength } from "./risk.ts";
import { PatternTooSlow } from "./steps.ts";
import { mayBeEmpty } from "./syntax.ts";
import { walkReplace, walkTests } from "./walk.ts";

export { PatternTooSlow } from "./steps.ts";

export class Pattern {
  readonly #source: string;
  readonly #native: RegExp;
  readonly #everywhere: RegExp;
  readonly #quickLength: number;
  readonly #mayBeEmpty: boolean;
  #matcher: BoundedMatcher | PatternTooLarge | null = null;
  /** Undefined until somebody asks. */
  #automatons: readonly Automaton[] | null | undefined;
  readonly #replacements = new Map<string, Replacement | null>();

  /** `quick`: up to which length the platform's own is used. Throws SyntaxError. */
  constructor(source: string, quick = quickLength(source)) {
    this.#source = source;
    this.#native = new RegExp(source, "u");
    this.#everywhere = new RegExp(source, "gu");
    this.#quickLength = quick;
    this.#mayBeEmpty = mayBeEmpty(source);
  }

  /** False if no text can be compared with it in bounded time: its counts multiply to too much. */
  get isUsable(): boolean {
    if (this.#quickLength > 0) return true;
    this.#matcher ??= compileBounded(this.#source);
    return !(this.#matcher instanceof PatternTooLarge);
  }

  /** All of them together tell the same as `test`, if they know the text's characters. */
  get automatons(): readonly Automaton[] | null {
    if (this.#automatons === undefined) this.#automatons = compileConditions(this.#source);
    return this.#automatons;
  }

  /** Does the same as `replace`; null if there is none. */
  replacement(by: string): Replacement | null {
    let replacement = this.#replacements.get(by);
    if (replacement === undefined) {
      replacement = compileReplacement(this.#source, by);
      this.#replacements.set(by, replacement);
    }
    return replacement;
  }

  /** Does the text contain a match? Throws PatternTooSlow. */
  test(text: string): boolean {
    if (this.#suitsPlatform(text)) {
      if (this.#matcher instanceof BoundedMatcher) this.#matcher.pass();
      return this.#native.test(text);
    }
    const known = this.automatons && walkTests(this.automatons, text);
    if (known !== null) return known;
    const matcher = this.#bounded();
    matcher.begin(text);
    return matcher.find(0) !== null;
  }

  /** Replaces all matches, with `$1` and the like as `replaceAll` has them. Throws PatternTooSlow. */
  replace(text: string, by: string): string {
    if (this.#suitsPlatform(text)) {
      if (this.#matcher instanceof BoundedMatcher) this.#matcher.pass();
      return text.replace(this.#everywhere, by);
    }
    const replacement = this.replacement(by);
    const known = replacement && walkReplace(replacement, text);
    if (known !== null) return known;
    const matcher = this.#bounded();
    matcher.begin(text);
    let result = "";
    let copied = 0;
    for (let from = 0; from <= text.length;) {
      const found = matcher.find(from);
      if (found === null) break;
      const [start, end] = found;
      result += text.slice(copied, start) + this.#expand(matcher, found, text, by);
      copied = end;
      from = end === start ? matcher.after(end) : end;
    }
    return result + text.slice(copied);
  }

  /** The platform's own finds empty matches inside a character of two units, and would split it. */
  #suitsPlatform(text: string): boolean {
    return text.length <= this.#quickLength && !(this.#mayBeEmpty && SURROGATE.test(text));
  }

  #bounded(): BoundedMatcher {
    this.#matcher ??= compileBounded(this.#source);
    if (this.#matcher instanceof PatternTooLarge) throw new PatternTooSlow(this.#matcher.message);
    return this.#matcher;
  }

  /** What `String.prototype.replace` makes of a replacement. */
  #expand(matcher: BoundedMatcher, found: Int32Array, text: string, by: string): string {
    const group = (number: number) =>
      found[2 * number] < 0 || found[2 * number + 1] < 0
        ? ""
        : text.slice(found[2 * number], found[2 * number + 1]);
    return by.replace(/\$(?:([$&`'])|(\d{1,2})|<([^>]*)>)/gu, (whole, sign, digits, name) => {
      if (sign === "$") return "$";
      if (sign === "&") return group(0);
      if (sign === "`") return text.slice(0, found[0]);
      if (sign === "'") return text.slice(found[1]);
      if (name !== undefined) {
        if (matcher.names.size === 0) return whole;
        return (matcher.names.get(name) ?? []).map(group).join("");
      }
      for (const length of [2, 1]) {
        const number = Number(digits.slice(0, length));
        if (digits.length >= length && number > 0 && number < matcher.groups) {
          return group(number) + digits.slice(length);
        }
      }
      return whole;
    });
  }
}

const SURROGATE = /[\ud800-\udfff]/;

/** The attempt takes 50 ms, so it is made once. */
function compileBounded(source: string): BoundedMatcher | PatternTooLarge {
  try {
    return new BoundedMatcher(source);
  } catch (error) {
    if (error instanceof PatternTooLarge) return error;
    throw error;
  }
}
