/** How many rows are read from the ledger at once. */
const PAGE = 1000;

/**
 * Lists numbered rows of the ledger page by page. `list`: a query for at most `limit` of them, after
 * the number `after`, in the order of their numbers.
 */
export async function* inPages<Row extends { readonly number: number }>(
  list: (after: number, limit: number) => Promise<readonly Row[]>,
): AsyncGenerator<Row> {
  let page: readonly Row[];
  let after = 0;
  do {
    page = await list(after, PAGE);
    yield* page;
    after = page.at(-1)?.number ?? after;
  } while (page.length === PAGE);
}
