/** What the tests of the API load, and finished runs of it. */
import { customers, CUSTOMERS_TABLE } from "../cli/customers.ts";
import { type Answer, type Serving, serving, type ServingOptions } from "./serving.ts";

export { customers };

const COLUMNS = "key: [email]\ncolumns: { email: email, name: name, age: age }\n";

/** Importers of the table `customers`; their slugs say how they differ. */
const IMPORTERS = {
  customers: `table: customers\n${COLUMNS}`,
  unlogged: `table: customers\n${COLUMNS}options: { log_rows: none }\n`,
  everything: `table: customers\n${COLUMNS}options: { log_rows: all }\n`,
  nightly: `table: customers\n${COLUMNS}source: { type: file, path: nightly.csv }\n`,
  chosen: `table: customers\n${COLUMNS}source: { type: file, path: nightly.csv, override: true }\n`,
};

/** The API over these importers, and a source folder with `nightly.csv` in it. */
export function servingCustomers(options: ServingOptions = {}): Promise<Serving> {
  return serving({
    tables: CUSTOMERS_TABLE,
    sourceFiles: { "nightly.csv": customers(5) },
    ...options,
    importers: { ...IMPORTERS, ...options.importers },
  });
}

/** Three rows, of which the second and the third fail. */
export const TWO_BAD = "email,name,age\nana@example.com,Ana,31\nbob@example.com,Bob,x\n" +
  "=cmd@example.com,,7\n";

export function form(csv: string, fields: Readonly<Record<string, string>> = {}, name = "c.csv") {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set("file", new File([csv], name, { type: "text/csv" }));
  return form;
}

export function sendJson(value: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof value === "string" ? value : JSON.stringify(value),
  };
}

/** The id of a run that waits for workers. */
export async function upload(api: Serving, csv: string, importer = "customers"): Promise<number> {
  const { status, body } = await api.ask(`/upload/${importer}`, {
    method: "POST",
    body: form(csv),
  });
  if (status !== 202) throw new Error(`the upload failed: ${JSON.stringify(body)}`);
  return body.data.id;
}

/** The id of a run that has ended. */
export async function uploadAndDrive(api: Serving, csv: string, importer?: string) {
  const id = await upload(api, csv, importer);
  await api.drive(id);
  return id;
}

/** `409 conflict`, for easy comparison. */
export function outcome({ status, body }: Answer): string {
  return body?.code === undefined ? String(status) : `${status} ${body.code}`;
}
