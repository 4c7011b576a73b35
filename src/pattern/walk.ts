/** Walks automatons over a text. The kernel does the same on bytes (src/kernel/assembly/automaton.ts). */
import type { Automaton } from "./automaton.ts";
import { DEAD, MATCH, MATCHED, STEPS_PER_UNIT } from "./entries.ts";
import type { Replacement } from "./replacement.ts";

/** Do all automatons find a match? Null if it depends on a character that they don't know. */
export function walkTests(automatons: readonly Automaton[], text: string): boolean | null {
  let all: boolean | null = true;
  for (const automaton of automatons) {
    const found = walkTest(automaton, text);
    if (found === false) return false;
    if (found === null) all = null;
  }
  return all;
}

function walkTest(automaton: Automaton, text: string): boolean | null {
  const { transitions, end } = automaton;
  let state = automaton.start;
  for (let at = 0; state > MATCHED && at < text.length; at++) {
    const next = classAt(automaton, text, at);
    if (next < 0) return null;
    state = transitions[state + next];
  }
  return state <= MATCHED ? state === MATCHED : transitions[state + end] === MATCHED;
}

/** Replaces all matches. Null as above, and if that takes too many steps. */
export function walkReplace({ automaton, by }: Replacement, text: string): string | null {
  let left = STEPS_PER_UNIT * (text.length + 1);
  let result = "";
  let copied = 0;
  for (let from = 0; from <= text.length;) {
    const found = walkFind(automaton, text, from, left);
    if (found === null) return null;
    left -= found.steps;
    const { end } = found;
    if (end >= 0) {
      result += text.slice(copied, from) + by;
      copied = end;
    }
    from = end > from ? end : from + 1;
  }
  return result + text.slice(copied);
}

/** The end of the match that begins at `from`, or -1 if there is none. */
function walkFind(
  automaton: Automaton,
  text: string,
  from: number,
  most: number,
): { readonly end: number; readonly steps: number } | null {
  let state = automaton.start;
  if (from > 0) {
    const before = classAt(automaton, text, from - 1);
    if (before < 0) return null;
    state = automaton.startAfter[before];
  }
  let end = -1;
  let at = from;
  while (state > MATCHED) {
    const next = at === text.length ? automaton.end : classAt(automaton, text, at);
    if (next < 0 || at - from === most) return null;
    const entry = automaton.transitions[state + next];
    if ((entry & MATCH) !== 0) end = at;
    state = entry & ~MATCH;
    at++;
  }
  return { end: state === DEAD ? end : at, steps: at - from };
}

function classAt({ classes, pages }: Automaton, text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return (unit & 0xf800) === 0xd800 ? -1 : classes[pages[unit >>> 6] + (unit & 63)];
}
