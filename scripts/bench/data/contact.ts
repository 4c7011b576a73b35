/**
 * Files as people export them from a customer database: each column has to be cleaned. A row is made
 * clean first, as it has to arrive in the table, and then written as people write it, so that what
 * is right doesn't depend on the program that is measured.
 */
import { grouped, mixed, padded, spaced } from "./handwriting.ts";
import { pick } from "./random.ts";

export const CONTACT_COLUMNS = [
  ...["id", "name", "email", "age", "city", "since", "revenue", "active", "phone", "note", "label"],
];
export const MESSY_COLUMNS = [
  ...["Kundennr", "Name", "E-Mail", "Alter", "Ort", "Seit", "Umsatz", "Aktiv", "Telefon", "Notiz"],
];

export interface Contact {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly age: number;
  readonly city: string;
  /** Year, month, day. */
  readonly since: readonly [string, string, string];
  /** In cents. */
  readonly revenue: number;
  readonly active: boolean;
  /** Area code and number, without the country. */
  readonly phone: readonly [string, string];
  readonly note: string;
}

const FIRST = ["Anna", "Jürgen", "Zoë", "Björn", "Karl", "Änne", "Marie", "Søren", "Ida", "José"];
const LAST = ["Müller", "Schmidt", "Özdemir", "Krüger", "Weber", "Jäger", "Novák", "Lange", "Koch"];
const CITIES = [
  ...["Köln", "Berlin", "Bad Homburg", "München", "Lübeck", "Kiel", "Frankfurt Am Main", "Zürich"],
  ...["Wien", "Graz", "Hamburg", "Neu Ulm", "Fürth", "Jena", "Ulm", "Bielefeld"],
];
const NOTES = ["", "", "calls back", "Zahlt spät", "wants the catalogue", "VIP"];

export function contact(id: number, random: () => number): Contact {
  return {
    id,
    name: `${pick(FIRST, random)} ${pick(LAST, random)}`,
    email: `kunde.${id}.${Math.imul(id, 0x9e3779b1) >>> 12}@example-${id % 97}.de`,
    age: 18 + Math.floor(random() * 72),
    city: pick(CITIES, random),
    since: [
      String(2000 + Math.floor(random() * 26)),
      padded(1 + random() * 12, 2),
      padded(1 + random() * 28, 2),
    ],
    revenue: Math.floor(random() * 2_000_000),
    active: random() < 0.8,
    phone: [String(150 + Math.floor(random() * 30)), padded(random() * 1e7, 7)],
    note: pick(NOTES, random),
  };
}

/** The row as it has to arrive, for COPY. */
export function cleanLine(row: Contact): string {
  const { id, name, email, age, city, since, revenue, active, phone, note } = row;
  const [area, number] = phone;
  return `${id},${name},${email},${age},${city},${since.join("-")},${(revenue / 100).toFixed(2)},` +
    `${active},+49${area}${number},${note},"${name}, ${city}"`;
}

/** The same row as somebody has typed it. */
export function messyLine(row: Contact, random: () => number): string {
  const { id, name, email, age, city, since, revenue, active, phone, note } = row;
  const [year, month, day] = since;
  const [area, number] = phone;
  return [
    id,
    spaced(anyCase(name, random), random),
    mixed(email, random),
    age,
    spaced(anyCase(city, random), random),
    `${day}.${month}.${year}`,
    `${grouped(Math.floor(revenue / 100))},${padded(revenue % 100, 2)}`,
    active ? "Ja" : "Nein",
    `+49 ${area}/${number}`,
    note,
  ].join(";");
}

/** Makes a cell wrong, each in turn: there are five kinds of mistakes. */
export function spoil(line: string, turn: number): string {
  const cells = line.split(";");
  switch (turn % 5) {
    case 0:
      cells[2] = cells[2].replace("@", " at ");
      break;
    case 1:
      cells[3] = "199";
      break;
    case 2:
      cells[5] = "31.02.2020";
      break;
    case 3:
      cells[6] = "auf Anfrage";
      break;
    default:
      cells[8] = "keins";
  }
  return cells.join(";");
}

/** Few different ones: people write names in lower case, in upper case, or as they should. */
function anyCase(text: string, random: () => number): string {
  const way = random();
  return way < 0.3 ? text.toLowerCase() : way < 0.6 ? text.toUpperCase() : text;
}
