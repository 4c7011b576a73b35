/** One row of the table that nearly all workloads load, and ways to make it bad. */
import { pick } from "./random.ts";

export const CUSTOMER_COLUMNS = [
  ...["id", "email", "full_name", "company", "country", "age", "signup_date", "balance", "active"],
  "score",
] as const;

export interface Customer {
  readonly id: number;
  email: string;
  readonly fullName: string;
  /** As written in the file: quoted if it contains a comma. */
  company: string;
  country: string;
  age: number;
  date: string;
  balance: string;
  active: string;
  readonly score: string;
}

const FIRST = ["Ada", "Grace", "Linus", "Zoë", "Jürgen", "Mária", "Søren", "Chloé", "Ivan", "Mei"];
const LAST = ["Lovelace", "Hopper", "Kowalski", "Müller", "O'Neill", "Sørensen", "García", "Li"];
const COMPANY = ["Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Tyrell"];
const KIND = ["GmbH", "Inc", "S.A.", "B.V.", "& Sons"];
export const COUNTRIES = ["DE", "FR", "US", "GB", "PL", "JP", "BR", "IN"];

/** All values are `random` except the e-mail, which is a key and depends only on the id. */
export function customer(id: number, random: () => number): Customer {
  const company = pick(COMPANY, random);
  return {
    id,
    email: `user.${id}.${Math.imul(id, 0x9e3779b1) >>> 12}@example-${id % 97}.com`,
    fullName: `${pick(FIRST, random)} ${pick(LAST, random)}`,
    // One company in six contains a comma and is quoted.
    company: random() < 1 / 6 ? `"${company} Ltd., London"` : `${company} ${pick(KIND, random)}`,
    country: pick(COUNTRIES, random),
    age: 18 + Math.floor(random() * 72),
    date: `${2000 + Math.floor(random() * 26)}-${two(1 + random() * 12)}-${two(1 + random() * 28)}`,
    balance: (random() * 20_000 - 2000).toFixed(2),
    active: random() < 0.8 ? "yes" : "no",
    score: random() < 0.1 ? "" : random().toFixed(6),
  };
}

export function lineOf(row: Customer, delimiter: string): string {
  const { id, email, fullName, company, country, age, date, balance, active, score } = row;
  return [id, email, fullName, company, country, age, date, balance, active, score].join(delimiter);
}

/** As an object on one line. */
export function jsonOf(row: Customer): string {
  const { id, email, fullName, company, country, age, date, balance, active, score } = row;
  const text = (value: string) => JSON.stringify(value.replace(/^"(.*)"$/u, "$1"));
  const values = [
    ...[String(id), text(email), text(fullName), text(company), text(country), String(age)],
    ...[text(date), balance, String(active === "yes"), score === "" ? "null" : score],
  ];
  return `{${CUSTOMER_COLUMNS.map((name, i) => `"${name}":${values[i]}`).join(",")}}`;
}

/**
 * Makes a row that our checks refuse. There are four reasons in turn, so that errors form groups.
 */
export function makeInvalid(row: Customer, turn: number): void {
  switch (turn % 4) {
    case 0:
      row.email = `user.${row.id}`;
      break;
    case 1:
      row.age = 999;
      break;
    case 2:
      row.date = "2023-02-30";
      break;
    default:
      row.active = "perhaps";
  }
}

/** Our checks accept the row, but Postgres refuses it: its e-mail is already taken (states.ts). */
export function makeTaken(row: Customer): void {
  row.email = `taken.${row.id}@example.com`;
}

/** Likewise: the row violates a CHECK constraint that the definition doesn't know. */
export function makeTooRich(row: Customer): void {
  row.balance = `${TOO_RICH + row.id % 1000}.00`;
}

export const TOO_RICH = 1_000_000;

/** Likewise, if the country is a foreign key. */
export function makeForeign(row: Customer): void {
  row.country = "XX";
}

/** The row is good, except under a definition that allows at most `LIMITED_AGE`. */
export function makeOld(row: Customer): void {
  row.age = LIMITED_AGE + 1 + row.id % 50;
}

export const LIMITED_AGE = 100;

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, "0");
}
