/**
 * Takes the pictures of the pages that the documentation shows: starts a Postgres and a server of its
 * own, imports files, and photographs what a browser shows. It needs chromium.
 *
 *     scripts/deno task screenshots [--only run]
 */
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import { fileURLToPath } from "node:url";
import { acquireEmbedded } from "../src/db/embedded.ts";
import { Session } from "../src/db/session.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";
import { customersFile, IMPORTERS, ordersFile, stockFile, TABLES } from "./screenshots/world.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PICTURES = `${ROOT}docs/pages`;
const PORT = 8399;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const API = `${ORIGIN}/api/v1/ingest`;

/** Pixels. */
const SIZE = { width: 1200, height: 760 };

async function main(): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "ingest-screenshots-" });
  const embedded = await acquireEmbedded(`${home}/home`);
  try {
    await using session = await Session.open(embedded.config, { applicationName: "screenshots" });
    await session.execute(TABLES);
    await Deno.mkdir(`${home}/importers`);
    for (const [slug, text] of Object.entries(IMPORTERS)) {
      await Deno.writeTextFile(`${home}/importers/${slug}.yaml`, text);
    }
    await using _server = await serve(home);
    await fill();
    const browser = await chromium.launch({
      executablePath: Deno.env.get("INGEST_TEST_CHROMIUM") ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--headless", "--disable-gpu"],
    });
    try {
      await photograph(browser);
    } finally {
      await browser.close();
    }
  } finally {
    await embedded.release();
    await Deno.remove(home, { recursive: true });
  }
}

async function serve(home: string): Promise<AsyncDisposable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", ...RUNTIME_FLAGS, `--config=${ROOT}deno.json`, `${ROOT}main.ts`],
      ...["serve", "--port", String(PORT), "--embedded", "--quiet", "--workers", "1"],
    ],
    env: { INGEST_HOME: `${home}/home`, INGEST_IMPORTERS: `${home}/importers` },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  for (;;) {
    const ready = await fetch(`${ORIGIN}/readyz`).catch(() => null);
    await ready?.body?.cancel();
    if (ready?.ok) break;
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** Runs in all states that people know. */
async function fill(): Promise<void> {
  await ended(await upload("stock", "stock-count.csv", stockFile(48_210)));
  const orders = await upload("orders", "orders-2026-11-27.csv", ordersFile(91_344));
  await ended(orders);
  const wrong = await upload(
    "stock",
    "stock-count-old.csv",
    stockFile(47_900).replaceAll("Part", "Old"),
  );
  await ended(wrong);
  await ended(await post(`/${wrong}/undo`));
  const first = await upload(
    "customers",
    "customers-23-november.csv",
    customersFile(61_250, 900, 2),
  );
  await ended(first);
  await ended(await post(`/${first}/retry`));
}

async function upload(importer: string, name: string, csv: string): Promise<number> {
  const query = new URLSearchParams({ filename: name });
  return await post(`/upload/${importer}?${query}`, { "content-type": "text/csv" }, csv);
}

async function post(path: string, headers = {}, body?: string): Promise<number> {
  const answer = await fetch(API + path, { method: "POST", headers, body });
  const { data, message } = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${message}`);
  return data.id;
}

async function ended(id: number): Promise<void> {
  // The stream ends with the run.
  await (await fetch(`${API}/${id}/events`)).text();
}

async function photograph(browser: Browser): Promise<void> {
  await Deno.mkdir(PICTURES, { recursive: true });
  const page = await open(browser, "light");
  const run = await upload("customers", "customers-30-november.csv", customersFile(1_200_000, 420));
  await page.goto(`/runs/${run}`);
  await page.locator("[data-moving]").filter({ hasText: /^[5-9]\d\.\d %/u }).waitFor();
  await picture(page, "run");
  await page.goto("/");
  await picture(page, "runs");
  await ended(run);
  await page.goto(`/runs/${run}/rows`);
  await page.getByRole("gridcell").first().waitFor();
  await page.getByRole("gridcell", { name: "Germany" }).first().click();
  await page.keyboard.type("DE");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /Change [\d,]+ × “Germany”/u }).waitFor();
  await picture(page, "rows");
  await page.goto("/import?importer=customers");
  await page.locator("input[type=file]").setInputFiles({
    name: "customers-7-december.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(customersFile(9_000, 120, 5)),
  });
  await page.getByRole("heading", { name: "What goes where" }).waitFor();
  await picture(page, "import");
  const dark = await open(browser, "dark");
  await dark.goto(`/runs/${run}`);
  await picture(dark, "run-dark");
}

async function open(browser: Browser, colorScheme: "light" | "dark"): Promise<Page> {
  const context = await browser.newContext({
    ...{ baseURL: ORIGIN, viewport: SIZE, colorScheme },
    ...{ locale: "en-GB", timezoneId: "Europe/Berlin" },
  });
  return await context.newPage();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate("document.fonts.ready");
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  console.log(`docs/pages/${name}.png`);
}

if (import.meta.main) await main();
