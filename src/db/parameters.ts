/**
 * Encodes parameters as the text that Postgres reads. Their types come from the statement
 * (`$1::text[]`), never from the value, so that a statement always means the same.
 */
import { Buffer } from "node:buffer";

/**
 * Takes strings, numbers, bigints, booleans, null, Date (timestamptz), Uint8Array (bytea) and
 * arrays of these. Pass JSON as text: `$1::jsonb` with `JSON.stringify(value)`. An object is
 * refused, because it could be meant as json, as a composite, or be a mistake.
 */
export function encodeParameter(value: unknown): string | null {
  if (value === null) return null;
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return encodeBytes(value);
  if (Array.isArray(value)) return encodeArray(value);
  throw new TypeError(
    "Cannot send this parameter: expected a string, number, bigint, boolean, null, Date, " +
      "Uint8Array or an array of these (JSON as text, cast by $n::jsonb), got " +
      (typeof value === "object" ? "an object" : typeof value),
  );
}

function encodeBytes(value: Uint8Array): string {
  return "\\x" + Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
}

function encodeArray(values: readonly unknown[]): string {
  return `{${values.map(encodeElement).join(",")}}`;
}

function encodeElement(value: unknown): string {
  if (Array.isArray(value)) return encodeArray(value);
  const text = encodeParameter(value);
  return text === null ? "NULL" : `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
