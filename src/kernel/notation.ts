/** Describes to the kernel how the file writes numbers, dates and times (assembly/read_value.ts). */
import type { ByteFormat, ByteValue } from "../row/byte_rule.ts";
import { type COLUMN, FORMAT, FORMAT_PART } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { type FieldValues, storeStructures } from "./structures.ts";

/** Not ASCII. */
const NO_SEPARATOR = 0xff;
/** `2024-02-29 12:30:00.123456789+02:00` */
const LONGEST_MOMENT = 35;

/** The most bytes that a value may be written with although it was short. */
export function longestWritten(value: ByteValue): number {
  switch (value.kind) {
    case "words":
      return Math.max(0, ...value.words.map(([, meaning]) => meaning.length));
    case "date":
    case "time":
    case "timestamp":
      return LONGEST_MOMENT;
    default:
      return 0;
  }
}

/** The fields of a column that say so. */
export function describeNotation(
  kernel: Kernel,
  value: ByteValue,
): Partial<FieldValues<typeof COLUMN>> {
  switch (value.kind) {
    case "integer":
    case "decimal": {
      const { separators, bounds } = value;
      return {
        isPlain: value.kind === "integer" || separators.decimal === ".",
        decimal: separatorByte(separators.decimal),
        thousands: separatorByte(separators.thousands),
        isAscii: !separators.hasLookalikes,
        ...bounds,
      };
    }
    case "date":
    case "time":
    case "timestamp": {
      const { formats } = value;
      return {
        isPlain: value.isPlain,
        formats: storeFormats(kernel, formats),
        formatCount: formats.length,
      };
    }
    default:
      return {};
  }
}

/** Returns the place of the formats, which lie one after the other. */
function storeFormats(kernel: Kernel, formats: readonly ByteFormat[]): number {
  const list = formats.map(({ twelveHours, parts }) => {
    const bytes = parts.flatMap((part) => [
      FORMAT_PART[part.part],
      "byte" in part ? part.byte : "digits" in part ? part.digits : 0,
    ]);
    const place = kernel.store(Uint8Array.from(bytes));
    return { parts: place, partsEnd: place + bytes.length, twelveHours };
  });
  return storeStructures(kernel, FORMAT, list);
}

function separatorByte(separator: string): number {
  return separator === "" ? NO_SEPARATOR : separator.charCodeAt(0);
}
