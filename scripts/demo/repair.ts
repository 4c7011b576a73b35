/** Repairs the exported rows, as the owner of the file would do in a spreadsheet. */
import { parse } from "csv-parse/sync";

/** Cities and states of the airports for which the file has neither. */
const PLACES: Readonly<Record<string, readonly [city: string, state: string]>> = {
  CLD: ["Carlsbad", "CA"],
  HHH: ["Hilton Head", "SC"],
  MIB: ["Minot", "ND"],
  MQT: ["Marquette", "MI"],
  RCA: ["Rapid City", "SD"],
  RDR: ["Grand Forks", "ND"],
  ROP: ["Prachinburi", "TH"],
  ROR: ["Koror", "PW"],
  SCE: ["University Park", "PA"],
  SKA: ["Spokane", "WA"],
  SPN: ["Tinian", "CQ"],
  YAP: ["Colonia", "FM"],
};

/** The file has two airports named Friday Harbor. */
const NAMES: Readonly<Record<string, string>> = { W33: "Friday Harbor Seaplane Base" };

/** Writes the repaired rows of one file to another. Returns how many there are. */
export async function repair(exported: string, repaired: string): Promise<number> {
  const rows: Record<string, string>[] = parse(await Deno.readTextFile(exported), {
    bom: true,
    columns: true,
  });
  for (const row of rows) {
    const place = PLACES[row.iata];
    if (place) [row.city, row.state] = place;
    row.name = NAMES[row.iata] ?? row.name;
    // Two groups of islands are on the wrong side of the globe.
    if (row.state === "AS") row.latitude = String(-Math.abs(Number(row.latitude)));
    if (row.state === "GU" || row.state === "CQ") {
      row.longitude = String(Math.abs(Number(row.longitude)));
    }
  }
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))];
  await Deno.writeTextFile(
    repaired,
    lines.map((cells) => `${cells.map(quoted).join()}\r\n`).join(""),
  );
  return rows.length;
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
