/** When each line of the picture is to be seen. Seconds from the beginning of the loop. */
import type { Recorded } from "./record.ts";
import type { Row } from "./screen.ts";
import type { Step } from "./story.ts";

export interface Line {
  readonly row: Row;
  /** From the top of the screen. */
  readonly place: number;
  readonly from: number;
  readonly to: number;
}

/** A command that is typed behind the prompt. */
export interface Typing {
  readonly text: string;
  readonly place: number;
  /** When the prompt is there, and when its first character is typed. */
  readonly prompted: number;
  readonly from: number;
  /** When its last character is typed, and when Enter is pressed. */
  readonly typed: number;
  readonly entered: number;
}

export interface Scene {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly Line[];
  readonly typings: readonly Typing[];
  /** Where the prompt comes again, and when. */
  readonly prompt: { readonly place: number; readonly from: number };
}

/** Seconds for a character, before the first one, and before Enter. */
const KEY = 0.045;
const THINKING = 0.7;
const ENTER = 0.45;

/** A bar moves smoothly enough with so many steps. */
const MOST_STATES = 28;

export function toScenes(steps: readonly (Step & Recorded)[]): readonly Scene[] {
  const scenes: Scene[] = [];
  let now = 0;
  for (const step of steps) {
    const before = step.clears ? undefined : scenes.pop();
    const start = before?.from ?? now;
    const place = before === undefined ? 0 : before.prompt.place;
    const text = ["ingest", ...step.words].join(" ");
    const from = now + THINKING;
    const typed = from + KEY * text.length;
    const entered = typed + ENTER;
    const shown = evenly(step.states.filter(isWhole), MOST_STATES);
    now = entered + step.takes + step.stays;
    const lines = toLines(shown, place + 1, entered, step.takes, now);
    scenes.push({
      from: start,
      to: now,
      lines: [...lasting(before, now), ...lines],
      typings: [...(before?.typings ?? []), {
        ...{ text, place, from, typed, entered },
        prompted: before?.prompt.from ?? start,
      }],
      prompt: {
        place: place + 2 + (shown.at(-1)?.length ?? 0),
        from: entered + step.takes,
      },
    });
  }
  return scenes;
}

/** While it is redrawn, a screen may be empty for an instant. */
function isWhole(rows: readonly Row[], index: number, all: readonly (readonly Row[])[]): boolean {
  return index === all.length - 1 || rows.length > 2;
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, index) => items[Math.round(index * (items.length - 1) / (most - 1))],
  );
}

/** What remains at the end of a scene stays when the scene goes on. */
function lasting(before: Scene | undefined, to: number): readonly Line[] {
  if (before === undefined) return [];
  return before.lines.map((line) => line.to === before.to ? { ...line, to } : line);
}

/** A line that doesn't change from one state to the next is one line of the picture. */
function toLines(
  states: readonly (readonly Row[])[],
  top: number,
  entered: number,
  takes: number,
  end: number,
): readonly Line[] {
  const at = (index: number) =>
    index >= states.length
      ? end
      : entered + 0.15 + (states.length === 1 ? 0 : takes * index / (states.length - 1));
  const height = Math.max(...states.map((rows) => rows.length));
  const lines: Line[] = [];
  for (let place = 0; place < height; place++) {
    let begun = 0;
    for (let index = 1; index <= states.length; index++) {
      const row = states[begun][place] ?? [];
      if (index < states.length && isSame(row, states[index][place] ?? [])) continue;
      if (row.length > 0) lines.push({ row, place: top + place, from: at(begun), to: at(index) });
      begun = index;
    }
  }
  return lines;
}

function isSame(one: Row, other: Row): boolean {
  return one.length === other.length &&
    one.every(({ character, style }, index) =>
      character === other[index].character && style === other[index].style
    );
}
