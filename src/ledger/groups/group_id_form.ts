/** How people write the id of an error group. */

/** Sixteen hexadecimal digits. */
export const GROUP_ID_DIGITS = 16;
/** What a person may shorten an id to. */
export const LEAST_ID_DIGITS = 4;

/** An id, or how it begins. */
export const GROUP_ID: RegExp = new RegExp(
  `^[0-9a-f]{${LEAST_ID_DIGITS},${GROUP_ID_DIGITS}}$`,
  "iu",
);
