/**
 * Walks the automatons of regular expressions (src/pattern/automaton.ts): from each character of a
 * text to the state that the table names.
 */
import { MATCH, MATCHED, STEPS_PER_UNIT } from "../../pattern/entries";
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";
import { characterAt, lengthOf } from "./utf8_text";

@unmanaged
export class Automaton {
  /** The class of each character of a page (u8); ASCII's pages are the first. */
  classes: usize;
  /** Where the page of each 64 characters begins (u16). */
  pages: usize;
  /** The class of the text's end. */
  end: u32;
  /** For a state and a class, the entry at their sum (u16): see pattern/entries.ts. */
  transitions: usize;
  /** The states at the text's beginning, and later. */
  start: u32;
  later: u32;
  /** If a later state depends on what is before it: those behind each class (u16); else 0. */
  startAfter: usize;
}

/** No match begins here; or it isn't known whether one does. */
const NONE: usize = 0, UNSURE: usize = 1;

/** Does the text certainly contain a match? */
export function hasMatch(automaton: Automaton, from: usize, to: usize): bool {
  const transitions = automaton.transitions;
  const classes = automaton.classes;
  let state = automaton.start;
  let at = from;
  while (state > <u32> MATCHED && at < to) {
    const first = load<u8>(at);
    let next: u32 = load<u8>(classes + first);
    if (first < 0x80) {
      at++;
    } else {
      const length = lengthOf(first);
      if (length == 4) return false;
      next = classOf(automaton, characterAt(at, length));
      at += length;
    }
    state = entryAt(transitions, state + next);
  }
  if (state > <u32> MATCHED) state = entryAt(transitions, state + automaton.end);
  return state == MATCHED;
}

/** How many more bytes a replacement may look at. */
let stepsLeft: i64 = 0;

/** Replaces all matches in the text. Returns false, and changes nothing, if the caller must do it. */
export function replaceAll(automaton: Automaton, by: usize, byLength: u32): bool {
  const first = textStart;
  const end = textEnd;
  const length = <u64> (end - first);
  const most = length + (length + 1) * byLength;
  const begin = most > <u64> u32.MAX_VALUE ? 0 : takeScratch(<usize> most);
  if (begin == 0) return false;
  stepsLeft = STEPS_PER_UNIT * (length + 1);
  let to = begin;
  for (let from = first;;) {
    const state = from == first ? automaton.start : stateBehind(automaton, from);
    if (from < end && state > <u32> MATCHED) {
      // Most matches are decided by their first character.
      const byte = load<u8>(from);
      const entry = byte < 0x80
        ? entryAt(automaton.transitions, state + load<u8>(automaton.classes + byte))
        : MATCH;
      if (entry <= <u32> MATCHED) {
        if (entry == MATCHED) to = put(by, by + byLength, to);
        else store<u8>(to++, byte);
        from++;
        continue;
      }
    }
    const found = matchEnd(automaton, state, from, end);
    if (found == UNSURE) return false;
    if (found != NONE) to = put(by, by + byLength, to);
    if (found > from) {
      from = found;
    } else {
      // What is behind the text's end can't be a part of a match.
      if (from >= end) break;
      const next = from + lengthOf(load<u8>(from));
      to = put(from, next, to);
      from = next;
    }
  }
  setText(begin, to);
  return true;
}

/** The end of the match that begins at `from`, in this state. */
// @ts-ignore: decorator
@inline
function matchEnd(automaton: Automaton, state: u32, from: usize, end: usize): usize {
  let found = NONE;
  let at = from;
  while (state > <u32> MATCHED) {
    let next = automaton.end;
    let length: usize = 1;
    if (at < end) {
      const first = load<u8>(at);
      if (first < 0x80) {
        next = load<u8>(automaton.classes + first);
      } else {
        length = lengthOf(first);
        if (length == 4) return UNSURE;
        next = classOf(automaton, characterAt(at, length));
      }
    }
    const entry = entryAt(automaton.transitions, state + next);
    if ((entry & MATCH) != 0) found = at;
    state = entry & ~MATCH;
    at += length;
  }
  stepsLeft -= at - from;
  if (stepsLeft < 0) return UNSURE;
  return state == MATCHED ? at : found;
}

/** The state behind the character that ends at `from`. */
// @ts-ignore: decorator
@inline
function stateBehind(automaton: Automaton, from: usize): u32 {
  if (automaton.startAfter == 0) return automaton.later;
  let at = from - 1;
  while ((load<u8>(at) & 0xc0) == 0x80) at--;
  const before = classOf(automaton, characterAt(at, from - at));
  return load<u16>(automaton.startAfter + (before << 1));
}

// @ts-ignore: decorator
@inline
function classOf(automaton: Automaton, character: u32): u32 {
  const page = load<u16>(automaton.pages + ((character >> 6) << 1));
  return load<u8>(automaton.classes + page + (character & 0x3f));
}

// @ts-ignore: decorator
@inline
function entryAt(transitions: usize, place: u32): u32 {
  return load<u16>(transitions + (place << 1));
}

/** Writes the bytes, which are few, and returns the place behind them. */
// @ts-ignore: decorator
@inline
function put(from: usize, end: usize, to: usize): usize {
  while (from < end) store<u8>(to++, load<u8>(from++));
  return to;
}
