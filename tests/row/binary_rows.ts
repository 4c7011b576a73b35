/** Reads COPY's input in both formats, as Postgres would. */
import type { TableColumn } from "../../src/load/catalog/table.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The values of a line of the text format. */
export function textValues(line: Uint8Array): (string | null)[] {
  return decoder.decode(line).replace(/\n$/u, "").split("\t").map((value) =>
    value === "\\N" ? null : value.replaceAll(
      /\\(.)/gu,
      (_, letter: string) => ({ t: "\t", n: "\n", r: "\r" })[letter] ?? letter,
    )
  );
}

/** The values of a row of the binary format, as canonical text. */
export function binaryValues(row: Uint8Array, columns: readonly TableColumn[]): (string | null)[] {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  let at = 2;
  if (view.getInt16(0) !== columns.length) throw new Error(`${view.getInt16(0)} columns`);
  const values = columns.map(({ baseType, enumLabels }) => {
    const length = view.getInt32(at);
    at += 4;
    if (length === -1) return null;
    const value = new DataView(row.buffer, row.byteOffset + at, length);
    at += length;
    return readValue(enumLabels === null ? baseType : "text", value);
  });
  if (at !== row.length) throw new Error(`${row.length - at} bytes behind the row`);
  return values;
}

const DAY = 86_400_000;
const EPOCH = Date.UTC(2000, 0, 1);

function readValue(type: string, value: DataView): string {
  switch (type) {
    case "bool":
      return value.getInt8(0) === 1 ? "true" : "false";
    case "int2":
      return String(value.getInt16(0));
    case "int4":
      return String(value.getInt32(0));
    case "int8":
      return String(value.getBigInt64(0));
    case "float4":
      return String(value.getFloat32(0));
    case "float8":
      return String(value.getFloat64(0));
    case "numeric":
      return readNumeric(value);
    case "date":
      return new Date(EPOCH + value.getInt32(0) * DAY).toISOString().slice(0, 10);
    case "time":
      return readTime(value.getBigInt64(0));
    case "timestamp":
      return readTimestamp(value.getBigInt64(0));
    case "timestamptz":
      return `${readTimestamp(value.getBigInt64(0))}+00`;
    case "jsonb":
      if (value.getUint8(0) !== 1) throw new Error("The only version of jsonb's format is 1");
      return decoder.decode(new DataView(value.buffer, value.byteOffset + 1, value.byteLength - 1));
    case "uuid":
      return hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
    default:
      return decoder.decode(value);
  }
}

function readNumeric(value: DataView): string {
  const [groups, weight, sign, scale] = [0, 2, 4, 6].map((at) => value.getInt16(at));
  const group = (index: number) =>
    String(index < 0 || index >= groups ? 0 : value.getInt16(8 + 2 * index)).padStart(4, "0");
  let whole = "";
  for (let i = 0; i <= weight; i++) whole += group(i);
  let fraction = "";
  for (let i = weight + 1; fraction.length < scale; i++) fraction += group(i);
  const number = whole.replace(/^0+(?=.)/u, "") || "0";
  return (sign === 0 ? "" : "-") + number + (scale === 0 ? "" : `.${fraction.slice(0, scale)}`);
}

function readTime(microseconds: bigint): string {
  if (microseconds === BigInt(DAY) * 1000n) return "24:00:00";
  return readTimestamp(microseconds).slice("2000-01-01 ".length);
}

function readTimestamp(microseconds: bigint): string {
  const inDay = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const moment = new Date(EPOCH + Number((microseconds - inDay) / 1000n));
  const fraction = String(inDay).padStart(6, "0").replace(/0+$/u, "");
  return moment.toISOString().slice(0, 19).replace("T", " ") + (fraction && `.${fraction}`);
}

function hex({ buffer, byteOffset, byteLength }: DataView): string {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).toHex();
}
