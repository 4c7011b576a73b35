/** What is known about a field besides its range. The kernel is compiled from this file, too. */

/** The field was enclosed in quotes. */
export const FIELD_QUOTED = 1;
/** The range holds doubled quotes, each of which stands for one. */
export const FIELD_DOUBLED_QUOTES = 2;
/** The range holds a byte of 0x80 or above. */
export const FIELD_NOT_ASCII = 4;
