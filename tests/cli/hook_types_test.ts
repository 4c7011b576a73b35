import assert from "node:assert/strict";
import { hookTypes } from "../../src/cli/commands/hook_types.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

Deno.test("the types for hooks are TypeScript, and know the columns that a definition reads", async () => {
  const parsed = parseDefinition(
    'table: customers\ncolumns: { email: E-Mail, name: { from: [First, "Last \\"x\\""], concat: " " } }\n',
    "crm-customers.yaml",
  );
  assert.ok("definition" in parsed);
  const related = parseDefinition(
    `table: orders
source: { format: json }
columns: { number: number }
many: [{ from: tags, pivot: { table: order_tags, local: order_id, foreign: tag } }]
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    columns: { sku: product.sku }
    nested:
      - { from: notes, table: notes, foreign_key: { item_id: id }, columns: { text: text } }
`,
    "orders.yaml",
  );
  assert.ok("definition" in related, JSON.stringify(related));
  const types = hookTypes([parsed.definition, related.definition]);
  assert.match(types, /export interface CrmCustomersRow \{/);
  assert.match(types, /"Last \\"x\\""\?: Cell;/);
  const folder = await Deno.makeTempDir({ prefix: "ingest-types-" });
  try {
    await Deno.writeTextFile(`${folder}/ingest.d.ts`, types);
    await Deno.writeTextFile(
      `${folder}/t.hooks.ts`,
      `import type { CrmCustomersRow, Hooks, OrdersRow } from "./ingest.d.ts";
       const hooks: Hooks<CrmCustomersRow> = ({ z }) => ({
         schema: z.object({}),
         beforeRow(row, { number, run, dry_run }) { row["E-Mail"] = [number, run, dry_run].join(); },
         columns: { name: (value, row) => value === null ? row.First : value.trim() },
         async afterBatch({ rows, numbers, sql }) { await sql\`select \${rows.length + numbers[0]}\`; },
       });
       export default hooks;
       export const orders: Hooks<OrdersRow> = () => ({
         beforeRow(row) {
           row.items = row.items?.filter(({ product }) => product.sku !== "") ?? [];
           for (const { notes } of row.items) for (const note of notes ?? []) note.text = "x";
           row.tags = [row.number, "new"];
           // @ts-expect-error a list of objects, not one
           row.items = { product: { sku: "a" } };
         },
       });
       // @ts-expect-error a promise is no value
       export const wrong: Hooks = () => ({ columns: { a: async () => "x" } });`,
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-config", `${folder}/t.hooks.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
