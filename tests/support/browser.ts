/**
 * A real browser for tests of the pages: Debian's chromium. Where it is missing, these tests are
 * skipped, and say so.
 */
import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where it is installed. `INGEST_TEST_CHROMIUM` names another one. */
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Nothing of its own that leaves the machine or that a container has no room for. */
const ARGUMENTS = [
  "--no-sandbox",
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Milliseconds that something may take to appear on a page. */
const PATIENCE = 60_000;

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained about, and what the server refused. Emptied, it is forgiven. */
  readonly troubles: string[];
  /** Another tab with the same session. */
  anotherTab(): Promise<Page>;
}

const program = await findProgram();
if (program === null) {
  console.log("No chromium: the tests in a browser are skipped. On Debian: apt install chromium");
}

async function findProgram(): Promise<string | null> {
  const wanted = Deno.env.get("INGEST_TEST_CHROMIUM");
  for (const path of wanted === undefined ? PATHS : [wanted]) {
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  return null;
}

/** A test that needs a browser. It ends all that it opens, which Deno's own leak checks can't see. */
export function browserTest(name: string, test: (browser: TestBrowser) => Promise<void>): void {
  Deno.test({
    name,
    ignore: program === null,
    // Playwright keeps its connection to the browser beyond the end of a test.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const browser = await chromium.launch({
        executablePath: program ?? undefined,
        args: ARGUMENTS,
      });
      try {
        await test(new TestBrowser(browser));
      } catch (error) {
        // What went wrong first says more than what the page complained about because of it.
        throw error instanceof SuppressedError ? error.suppressed : error;
      } finally {
        await browser.close();
      }
    },
  });
}

export class TestBrowser {
  constructor(private readonly browser: Browser) {}

  /**
   * A window with its own cookies. When it is closed, the test fails if a page has complained, or asked
   * for anything that is not on `origin`.
   */
  async open(origin: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const context = await this.browser.newContext({
      ...{ baseURL: origin, timezoneId: "Europe/Berlin", locale: "en-GB" },
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const troubles: string[] = [];
    const elsewhere: string[] = [];
    context.on("request", (request) => {
      const url = request.url();
      const isOurs = url.startsWith(`${origin}/`) || /^(?:blob|data):/u.test(url);
      if (!isOurs) elsewhere.push(url);
    });
    context.on("weberror", (error) => troubles.push(error.error().message));
    context.on("console", (message) => {
      if (message.type() === "error") troubles.push(message.text());
    });
    return {
      page: await context.newPage(),
      troubles,
      anotherTab: () => context.newPage(),
      async [Symbol.asyncDispose]() {
        await context.close();
        assert.deepEqual(elsewhere, [], "requests left the host");
        assert.deepEqual(troubles, [], "the page complained");
      },
    };
  }
}

/** Fails if `axe-core` finds anything that keeps people out. */
export async function assertAccessible(page: Page): Promise<void> {
  // The policy of the pages allows no other scripts; this one comes from outside of the page.
  await page.evaluate(axe.source);
  const found: readonly string[] = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`)
    );
  });
  assert.deepEqual(found, [], `on ${page.url()}`);
}

/** Fails if the page has to be scrolled sideways. */
export async function assertFits(page: Page): Promise<void> {
  const isTooWide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
  assert.equal(isTooWide, false, `${page.url()} is wider than the window`);
}
