import { type Automaton, compileFind } from "./automaton.ts";

/** All matches become the same text. */
export interface Replacement {
  /** Finds ends of matches. */
  readonly automaton: Automaton;
  readonly by: string;
}

/** Null if the pattern has no automaton, or if `by`, as `replaceAll` takes it, depends on the match. */
export function compileReplacement(source: string, by: string): Replacement | null {
  const literal = by.replaceAll("$$", "");
  if (/\$[&`'\d<]/.test(literal)) return null;
  const automaton = compileFind(source);
  return automaton === null ? null : { automaton, by: by.replaceAll("$$", "$") };
}
