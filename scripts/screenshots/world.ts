/** What the pictures show: importers, and files as people really send them. */

export const TABLES = `
create table customers (
  email text primary key, name text not null, country text, signed_up date, spent numeric(12, 2)
);
create table orders (
  number bigint primary key, customer text not null, placed_at timestamptz not null,
  total numeric(12, 2) not null check (total >= 0)
);
create table stock (sku text primary key, title text not null, pieces integer not null);
`;

export const IMPORTERS: Readonly<Record<string, string>> = {
  customers: `table: customers
description: The customer list that sales sends every Monday.
key: email
on_duplicate: update
columns:
  email: { from: E-Mail, type: email, transform: [lower], required: true }
  name: { from: Name, required: true, max_length: 60 }
  country: { from: Country, one_of: [DE, ES, FR, GB, IT] }
  signed_up: { from: Signed up, format: yyyy-MM-dd }
  spent: { from: Spent, type: decimal }
`,
  orders: `table: orders
description: Yesterday's orders from the shop.
key: number
columns:
  number: Order
  customer: Customer
  placed_at: Placed at
  total: Total
`,
  stock: `table: stock
description: What the warehouse counted.
key: sku
on_duplicate: update
columns:
  sku: SKU
  title: Title
  pieces: { from: Pieces, type: integer, min: 0 }
options:
  undo: updates
`,
};

const FIRST = [
  "Ada",
  "Bruno",
  "Chloé",
  "Dmitri",
  "Elif",
  "Farah",
  "Gustav",
  "Hana",
  "Ines",
  "João",
];
const LAST = ["Fischer", "García", "Haddad", "Ito", "Jansen", "Kowalski", "Lindqvist", "Moreau"];
const COUNTRIES = ["DE", "ES", "FR", "GB", "IT"];

/** Always the same numbers from 0 to 1, so that the pictures change only when the pages do. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** One in `oneIn` has something wrong with it, in one of the ways that people get things wrong. */
export function customersFile(rows: number, oneIn: number, seed = 1): string {
  const next = numbers(seed);
  const pick = (from: readonly string[]) => from[Math.floor(next() * from.length)];
  const two = (below: number) => String(1 + Math.floor(next() * below)).padStart(2, "0");
  const lines = ["E-Mail,Name,Country,Signed up,Spent"];
  for (let row = 1; row <= rows; row++) {
    const [first, last] = [pick(FIRST), pick(LAST)];
    const email = `${first}.${last}.${seed}${row}@example.com`.normalize("NFD")
      .replaceAll(/[^\w.@]/gu, "");
    const cells = [email, `${first} ${last}`, pick(COUNTRIES)];
    cells.push(`20${two(24)}-${two(12)}-${two(28)}`, (next() * 900).toFixed(2));
    if (next() < 1 / oneIn) spoil(cells, next(), `${two(28)}/${two(12)}/2023`);
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}

function spoil(cells: string[], way: number, date: string): void {
  if (way < 0.36) cells[2] = "Germany";
  else if (way < 0.62) cells[3] = date;
  else if (way < 0.8) cells[0] = cells[0].replace("@example.com", "@");
  else if (way < 0.92) cells[4] = "n/a";
  else cells[1] = "";
}

export function ordersFile(rows: number): string {
  const next = numbers(3);
  const lines = ["Order,Customer,Placed at,Total"];
  for (let row = 1; row <= rows; row++) {
    const minute = String(row % 60).padStart(2, "0");
    const total = next() < 0.0001 ? "-1.00" : (next() * 400).toFixed(2);
    lines.push(
      `${70_000 + row},c${Math.floor(next() * 9_000)},2026-11-27 09:${minute}:00+01,${total}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

export function stockFile(rows: number): string {
  const lines = ["SKU,Title,Pieces"];
  for (let row = 1; row <= rows; row++) lines.push(`A-${row},Part ${row},${(row * 37) % 500}`);
  return `${lines.join("\n")}\n`;
}
