/** Files of unusual shapes: many rows with few fields, and few rows with many. */

export const NARROW_COLUMNS = ["id", "name", "amount"];

export function narrowLine(id: number, random: () => number): string {
  return `${id},n${Math.floor(random() * 1e6)},${Math.floor(random() * 1e5)}`;
}

const WIDE_FIELDS = 500;
export const WIDE_COLUMNS = Array.from({ length: WIDE_FIELDS }, (_, index) => `c${index + 1}`);

/** The types that the columns have in turn. */
const TYPES = ["integer", "text", "numeric(12, 2)", "date", "boolean"] as const;

/** Its definition has no columns, so names and types come from the table. */
export function wideTable(): string {
  const columns = WIDE_COLUMNS.map((name, i) => `${name} ${TYPES[i % TYPES.length]} not null`);
  return `create table wide (${columns.join(", ")})`;
}

export function wideLine(id: number, random: () => number): string {
  const fields: string[] = [];
  for (let index = 0; index < WIDE_FIELDS; index++) {
    const number = Math.floor(random() * 1e6);
    switch (TYPES[index % TYPES.length]) {
      case "integer":
        fields.push(String(number));
        break;
      case "text":
        fields.push(`text ${id}.${number}`);
        break;
      case "numeric(12, 2)":
        fields.push((number / 100).toFixed(2));
        break;
      case "date":
        fields.push(`20${10 + number % 15}-0${1 + number % 9}-${10 + number % 19}`);
        break;
      case "boolean":
        fields.push(number % 2 === 0 ? "true" : "false");
    }
  }
  return fields.join(",");
}
