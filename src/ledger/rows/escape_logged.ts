/** Makes logged rows fit into a database whose encoding lacks some of their characters. */
import type { Repertoire } from "../../db/repertoire.ts";

/** `rows`: in COPY's binary format, without its header and trailer. */
export function escapeLogged(rows: Uint8Array, repertoire: Repertoire | null): Uint8Array {
  if (repertoire === null) return rows;
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < rows.length;) {
    const columns = view.getInt16(at);
    pieces.push(rows.subarray(at, at + 2));
    at += 2;
    for (let column = 0; column < columns; column++) {
      const length = view.getInt32(at);
      const value = rows.subarray(at + 4, at + 4 + Math.max(length, 0));
      at += 4 + value.length;
      const version = TEXT_COLUMNS.get(column);
      const written = version === undefined ? value : escapeText(value, version, repertoire);
      pieces.push(int32(length < 0 ? length : written.length), written);
    }
  }
  return concat(pieces);
}

/**
 * `cells`, `data` and `errors` (see `LOGGED_ROW_COLUMNS`), and how many bytes come before the text: a
 * jsonb in binary begins with its version.
 */
const TEXT_COLUMNS: ReadonlyMap<number, number> = new Map([[6, 0], [7, 1], [8, 1]]);

function escapeText(value: Uint8Array, from: number, repertoire: Repertoire): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(value.subarray(from));
  const escaped = repertoire.escape(text);
  if (escaped === text) return value;
  return concat([value.subarray(0, from), new TextEncoder().encode(escaped)]);
}

function int32(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, number);
  return bytes;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
