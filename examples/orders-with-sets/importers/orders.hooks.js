const SETS = { STARTER: ["PEN", "INK"] };

/** Of a set, each article that is in it; its price is known for the whole only. */
const articles = (item) =>
  SETS[item.sku]?.map((sku) => ({ sku, qty: item.qty, price: null })) ?? [item];

export default ({ z }) => ({
  schema: z.looseObject({ items: z.array(z.looseObject({ sku: z.string() })).nonempty() }),
  beforeRow(row) {
    row.items = row.items.filter(({ cancelled }) => cancelled !== true).flatMap(articles);
    row.labels = row.labels?.filter((label) => !label.startsWith("_"));
  },
});
