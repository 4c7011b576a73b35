/** What a cell's number format says of its number: is it a moment, or does it have leading zeros? */

/** How a number is written. */
export type Shape =
  /** By itself. Percent, currency and separators of thousands don't change it. */
  | { readonly kind: "number" }
  | {
    readonly kind: "moment";
    readonly date: boolean;
    readonly time: boolean;
    /** Fractions of a second are shown. */
    readonly fraction: boolean;
  }
  /** Hours, minutes and seconds that go on counting, as in `[h]:mm`. */
  | { readonly kind: "elapsed"; readonly tokens: readonly Token[] }
  /** Digits with zeros before them or signs between them, as in `00000` and `000-00-0000`. */
  | { readonly kind: "digits"; readonly tokens: readonly Token[]; readonly isNegative: boolean };

export interface Token {
  /**
   * `unit`: letters of a date or time, `total`: the same in brackets, `digit`: one of `0#?`, `sign`:
   * what makes it another number, `literal`: text.
   */
  readonly kind: "unit" | "total" | "digit" | "sign" | "literal";
  /** In lower case, except for literals. */
  readonly text: string;
}

const NUMBER: Shape = { kind: "number" };

/** What most cells have: whatever the number is, it is written by itself. */
export const PLAIN = () => NUMBER;

/** Formats that workbooks name by their number alone. All others are plain numbers. */
const BUILT_IN: Readonly<Record<number, string>> = {
  14: "mm-dd-yy",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm AM/PM",
  19: "h:mm:ss AM/PM",
  20: "h:mm",
  21: "h:mm:ss",
  22: "m/d/yy h:mm",
  32: "h:mm",
  33: "h:mm:ss",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mm:ss.0",
};
/** Dates of Chinese, Japanese, Korean and Thai programs. */
const isEasternDate = (id: number) => (id >= 27 && id <= 36) || (id >= 50 && id <= 58);

export function builtInFormat(id: number): string {
  return BUILT_IN[id] ?? (isEasternDate(id) ? "yyyy-mm-dd" : "General");
}

interface Section {
  readonly shape: Shape;
  /** Whether the section is meant for a number; null: by its place. */
  readonly takes: ((value: number) => boolean) | null;
}

/** `code`: such as `#,##0.00;[Red]-#,##0.00`. Returns how a number is written with it. */
export function compileFormat(code: string): (value: number) => Shape {
  const sections = splitSections(code).slice(0, 3).map(readSection);
  const [first, second = null, third = null] = sections;
  if (sections.every(({ shape }) => shape.kind === "number")) return PLAIN;
  if (sections.some(({ takes }) => takes !== null)) {
    return (value) => (sections.find(({ takes }) => takes?.(value) ?? true) ?? first).shape;
  }
  return (value) => {
    if (value < 0 && second !== null) return withoutSign(second.shape);
    return (value === 0 && third !== null ? third : first).shape;
  };
}

/** A section for negative numbers says itself what its sign is. */
function withoutSign(shape: Shape): Shape {
  return shape.kind === "digits" ? { ...shape, isNegative: true } : shape;
}

/** Parts of a section: quoted text, an escaped or padding character, brackets, or one character. */
const PART = /"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]|General|AM\/PM|A\/P|E[+-]|([ymdhseg])\4*|./gisu;

function splitSections(code: string): string[] {
  const sections = [""];
  for (const [part] of code.matchAll(PART)) {
    if (part === ";") sections.push("");
    else sections[sections.length - 1] += part;
  }
  return sections;
}

function readSection(code: string): Section {
  const tokens: Token[] = [];
  let takes: Section["takes"] = null;
  for (const [part, quoted, escaped, bracket] of code.matchAll(PART)) {
    if (quoted !== undefined) tokens.push({ kind: "literal", text: quoted });
    else if (escaped !== undefined) tokens.push({ kind: "literal", text: escaped });
    else if (bracket !== undefined) {
      if (/^(?:h+|m+|s+)$/iu.test(bracket)) tokens.push({ kind: "total", text: lower(bracket) });
      else takes = readCondition(bracket) ?? takes;
    } else if (/^[_*]./su.test(part)) continue;
    else if (/^general$/iu.test(part)) tokens.push({ kind: "sign", text: part });
    else if (/^[ymdhseg]+$|^a/iu.test(part)) tokens.push({ kind: "unit", text: lower(part) });
    else if (/^[0#?]$/u.test(part)) tokens.push({ kind: "digit", text: part });
    else if (/^(?:[.,%/@]|E[+-])$/iu.test(part)) tokens.push({ kind: "sign", text: part });
    else tokens.push({ kind: "literal", text: part });
  }
  return { shape: shapeOf(tokens), takes };
}

function lower(text: string): string {
  return text.toLowerCase();
}

function readCondition(bracket: string): Section["takes"] {
  const match = /^(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)$/u.exec(bracket);
  if (match === null) return null;
  const limit = Number(match[2]);
  switch (match[1]) {
    case "<":
      return (value) => value < limit;
    case ">":
      return (value) => value > limit;
    case "<=":
      return (value) => value <= limit;
    case ">=":
      return (value) => value >= limit;
    case "=":
      return (value) => value === limit;
    default:
      return (value) => value !== limit;
  }
}

function shapeOf(tokens: readonly Token[]): Shape {
  if (tokens.some(({ kind }) => kind === "total")) return { kind: "elapsed", tokens };
  const units = tokens.filter(({ kind }) => kind === "unit").map(({ text }) => text);
  if (units.length > 0) return momentOf(units, tokens);
  return hasDigitsAsSeen(tokens) ? { kind: "digits", tokens, isNegative: false } : NUMBER;
}

function momentOf(units: readonly string[], tokens: readonly Token[]): Shape {
  // `mm` is the minute after an hour and before a second.
  const isMinute = (i: number) =>
    /^m{1,2}$/u.test(units[i]) &&
    (/^h/u.test(units[i - 1] ?? "") || /^s/u.test(units[i + 1] ?? ""));
  const isTime = (unit: string, i: number) => /^[hsa]/u.test(unit) || isMinute(i);
  const date = units.some((unit, i) => !isTime(unit, i));
  return {
    kind: "moment",
    date,
    time: units.some(isTime),
    fraction: tokens.some(({ kind }) => kind === "digit"),
  };
}

/** Signs between digits that only group them. */
const GROUPS = /^[\s\u00a0\u202f'’]*$/u;

function hasDigitsAsSeen(tokens: readonly Token[]): boolean {
  if (tokens.some(({ kind }) => kind === "sign")) return false;
  const first = tokens.findIndex(({ kind }) => kind === "digit");
  const last = tokens.findLastIndex(({ kind }) => kind === "digit");
  if (first === -1) return false;
  const zeros = tokens.filter(({ kind, text }) => kind === "digit" && text === "0").length;
  const between = tokens.slice(first, last).filter(({ kind }) => kind === "literal");
  if (between.some(({ text }) => !GROUPS.test(text))) return true;
  // `# ##0` and `0 000`: spaces between thousands.
  return zeros > 1 && tokens[first].text === "0";
}
