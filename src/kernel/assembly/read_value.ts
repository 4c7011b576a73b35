/**
 * Reads the value of a text, and makes it canonical: the form that Postgres gets. `false` only means
 * "not sure": then the caller judges the text. All values are ASCII here.
 */
import { Column, Kind } from "./column";
import { readFormatted } from "./date_format";
import { isEmail } from "./email";
import { readIsoDate, readIsoTime, readIsoTimestamp } from "./iso_moment";
import { readNumber } from "./number_notation";
import { isUrl } from "./url";
import { isUuid, readUuid } from "./uuid";
import { setValue } from "./value";
import { isDate, isDecimal, isInteger, isTimestamp } from "./values";
import { findWordInAnyCase } from "./words";

/** Nearly all values are canonical already, so that is tried first. */
export function readValue(column: Column, start: usize, end: usize): bool {
  setValue(start, end);
  const plain = column.isPlain;
  switch (column.kind) {
    case Kind.integer:
      return isInteger(column, start, end) || readNumber(column, start, end);
    case Kind.decimal:
      return (plain && isDecimal(column, start, end)) || readNumber(column, start, end);
    case Kind.email:
      return isEmail(start, end);
    case Kind.url:
      return isUrl(start, end);
    case Kind.date:
      if (plain && isDate(start, end)) return true;
      return column.formatCount == 0 ? readIsoDate(start, end) : readFormatted(column, start, end);
    case Kind.time:
      return column.formatCount == 0 ? readIsoTime(start, end) : readFormatted(column, start, end);
    case Kind.timestamp:
      if (plain && isTimestamp(start, end)) return true;
      return column.formatCount == 0
        ? readIsoTimestamp(start, end)
        : readFormatted(column, start, end);
    case Kind.uuid:
      return isUuid(start, end) || readUuid(start, end);
    case Kind.words: {
      const word = findWordInAnyCase(column.words, column.wordCount, start, end);
      if (word == null) return false;
      setValue(word.meaning, word.meaning + word.meaningLength);
      return true;
    }
    default:
      return false;
  }
}
