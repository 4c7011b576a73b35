/**
 * Decodes the text of a result column by its type's OID. All other types stay text, such as date,
 * time and timestamp without time zone. So does numeric, which can hold more than a number can.
 */
import { Buffer } from "node:buffer";

export type Decode = (text: string) => unknown;

const decoders: readonly {
  readonly oid: number;
  readonly array: number;
  readonly decode: Decode;
}[] = [
  { oid: 16, array: 1000, decode: (text) => text === "t" }, // boolean
  { oid: 17, array: 1001, decode: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")) },
  { oid: 18, array: 1002, decode: asText }, // "char"
  { oid: 19, array: 1003, decode: asText }, // name
  { oid: 20, array: 1016, decode: safeInteger }, // bigint
  { oid: 21, array: 1005, decode: Number }, // smallint
  { oid: 23, array: 1007, decode: Number }, // integer
  { oid: 25, array: 1009, decode: asText }, // text
  { oid: 26, array: 1028, decode: Number }, // oid
  { oid: 114, array: 199, decode: parseJson }, // json
  { oid: 700, array: 1021, decode: Number }, // real
  { oid: 701, array: 1022, decode: Number }, // double precision
  { oid: 1043, array: 1015, decode: asText }, // varchar
  { oid: 1184, array: 1185, decode: instant }, // timestamptz
  { oid: 1700, array: 1231, decode: asText }, // numeric
  { oid: 2950, array: 2951, decode: asText }, // uuid
  { oid: 3802, array: 3807, decode: parseJson }, // jsonb
];

/** Decoders by OID, for scalars and for arrays of them. */
export const decoderByOid: ReadonlyMap<number, Decode> = new Map(
  decoders.flatMap(({ oid, array, decode }): [number, Decode][] => [
    [oid, decode],
    [array, (text) => decodeArray(text, decode)],
  ]),
);

function asText(text: string): string {
  return text;
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`Cannot read the bigint ${text} as a number: select it as text`);
}

/** Postgres's ISO style. `05/11/2026` is a date for JavaScript too, but perhaps another one. */
const ISO_STYLE = /^\d{4}-\d\d-\d\d /;

function instant(text: string): Date {
  const date = new Date(text);
  if (ISO_STYLE.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new RangeError(`Cannot read the timestamp ${text} as a Date: select it as text`);
}

/** An array literal: `{1,NULL,"a \"b\"",{…}}`. Bounds other than 1 (`[0:1]={…}`) are dropped. */
function decodeArray(text: string, decode: Decode): unknown[] {
  // A short cut for numbers, of which there may be ten thousand.
  if (decode === Number && /^\{[\d,]+\}$/.test(text)) {
    return text.slice(1, -1).split(",").map(Number);
  }
  let at = text.indexOf("{");
  return readArray();

  function readArray(): unknown[] {
    const values: unknown[] = [];
    at++;
    while (text[at] !== "}") {
      values.push(text[at] === "{" ? readArray() : readElement());
      if (text[at] === ",") at++;
    }
    at++;
    return values;
  }

  function readElement(): unknown {
    if (text[at] === '"') {
      let value = "";
      for (at++; text[at] !== '"'; at++) {
        if (text[at] === "\\") at++;
        value += text[at];
      }
      at++;
      return decode(value);
    }
    const start = at;
    while (text[at] !== "," && text[at] !== "}") at++;
    const value = text.slice(start, at);
    return value === "NULL" ? null : decode(value);
  }
}
