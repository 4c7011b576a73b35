/** What an automaton's table holds. The kernel reads this file, too (kernel/assembly/automaton.ts). */

/** No match is possible any more. */
export const DEAD = 0;
/** A match ends here, and no other one is preferred. */
export const MATCHED = 1;
/** The first place of a state; in the table, its transitions begin there. */
export const FIRST_STATE = 2;
/** Added to a state: a match ends before this character, though a longer one may be preferred. */
export const MATCH = 0x8000;

/**
 * While replacing, how many units or bytes may be looked at for each of the text. Nearly all patterns
 * need two or three. But where each place may begin a long match that fails, as for `a+b` in a text of
 * `a`, it takes somebody who remembers the failures.
 */
export const STEPS_PER_UNIT = 64;
