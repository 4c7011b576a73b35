/** What a page does while its server, or the database, is away. */
import { browserTest } from "../support/browser.ts";
import { upload } from "../http/pages/browsing.ts";
import { type Serving, serving } from "../http/serving.ts";

const options = {
  tables: "create table people (id int primary key, name text)",
  importers: { people: "table: people\nkey: id\n" },
};

const FILE = "id,name\n1,Ana\nx,Bo\n";

/** The test's own session stays. */
async function letServerConnect({ database }: Serving, may: boolean): Promise<void> {
  const { admin, config } = database;
  await admin.execute(`alter database ${config.database} with allow_connections ${may}`);
  if (may) return;
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = $1 and application_name = 'ingest server'`,
    [config.database],
  );
}

const AWAY = /can.t be reached/u;

browserTest("a page says that its server is away, and goes on when it is back", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page, troubles } = opened;
  await page.goto(`/runs/${run}`);
  await page.locator("h1").getByText("Waiting").waitFor();
  await api.restart(async () => {
    await page.getByRole("status").getByText(AWAY).waitFor();
    await api.drive(run);
  });
  await page.locator("h1").getByText("Some rows failed").waitFor();
  await page.getByText(AWAY).waitFor({ state: "hidden" });
  // The browser has told of the connections that were refused.
  troubles.length = 0;
});

browserTest(
  "a page says that the database is away, and goes on when it is back",
  async (browser) => {
    await using api = await serving(options);
    const run = await upload(api, FILE);
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto(`/runs/${run}`);
    await page.locator("h1").getByText("Waiting").waitFor();
    await letServerConnect(api, false);
    await page.getByRole("status").getByText(AWAY).waitFor();
    await letServerConnect(api, true);
    await api.drive(run);
    await page.locator("h1").getByText("Some rows failed").waitFor();
    await page.getByText(AWAY).waitFor({ state: "hidden" });
    troubles.length = 0;
  },
);

browserTest(
  "a page that is opened while the database is away says so, and comes by itself",
  async (browser) => {
    await using api = await serving(options);
    await letServerConnect(api, false);
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto("/");
    await page.getByRole("heading", { name: "The database is away" }).waitFor();
    await letServerConnect(api, true);
    await page.getByText("Nothing has been imported yet").waitFor();
    troubles.length = 0;
  },
);
