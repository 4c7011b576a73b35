/** Flags of a field, in addition to its range. The kernel is compiled from this file as well. */

/** The field was enclosed in quotes. */
export const FIELD_QUOTED = 1;
/** The range contains doubled quotes, each of which stands for one. */
export const FIELD_DOUBLED_QUOTES = 2;
/** The range contains a byte of 0x80 or above. */
export const FIELD_NOT_ASCII = 4;
/** The range contains escapes, such as `\"`. The kernel never sees one of delimited text. */
export const FIELD_ESCAPED = 8;
/** There is no value, whatever the null words are: JSON's `null`, or a key that is not there. */
export const FIELD_NULL = 16;
/** A hook has given it, as a number, true or false: it isn't in the notation of the file. */
export const FIELD_NATIVE = 32;
