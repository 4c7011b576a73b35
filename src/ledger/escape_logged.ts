/** Makes logged rows fit into a database whose encoding lacks some of their characters. */
import type { Repertoire } from "../db/repertoire.ts";

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
      const written = JSON_COLUMNS.has(column) ? escapeJson(value, repertoire) : value;
      pieces.push(int32(length < 0 ? length : written.length), written);
    }
  }
  return concat(pieces);
}

/** `data` and `errors`; see `LOGGED_ROW_COLUMNS`. */
const JSON_COLUMNS: ReadonlySet<number> = new Set([5, 6]);

/** A jsonb in binary is a byte for the version, then its text. */
function escapeJson(value: Uint8Array, repertoire: Repertoire): Uint8Array {
  const text = new TextDecoder().decode(value.subarray(1));
  const escaped = repertoire.escape(text);
  if (escaped === text) return value;
  return concat([value.subarray(0, 1), new TextEncoder().encode(escaped)]);
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
