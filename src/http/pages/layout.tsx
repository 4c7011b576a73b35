/** The frame of every page. */
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { AssetName } from "./assets.ts";
import type { Note } from "./note.ts";
import type { PageView, Section, Viewer } from "./view.ts";

interface LayoutProps {
  readonly view: PageView;
  readonly body: Child;
  readonly viewer: Viewer | null;
  readonly note: Note | null;
  readonly path: (name: AssetName) => string;
  /** The stylesheets of the page, unless `style` is what they say. */
  readonly sheets: readonly AssetName[];
  /** In the page itself: nothing is asked for before something is shown. */
  readonly style: { readonly nonce: string; readonly text: string } | null;
}

const EVERYWHERE: readonly AssetName[] = ["styles/style.css", "page.js"];

/** The stylesheets that a page needs, in their order. */
export function sheetsOf(view: PageView): readonly AssetName[] {
  return assetsOf(view).filter((name) => name.endsWith(".css"));
}

function assetsOf({ assets = [] }: PageView): readonly AssetName[] {
  return [...EVERYWHERE, ...assets];
}

export function Layout({ view, body, viewer, note, path, sheets, style }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{view.title === "" ? "ingest" : `${view.title} · ingest`}</title>
        <link rel="icon" href={path("icon.svg")} type="image/svg+xml" />
        <link
          rel="preload"
          href={path("font/inter.woff2")}
          as="font"
          type="font/woff2"
          crossorigin=""
        />
        {style === null
          ? sheets.map((name) => <link rel="stylesheet" href={path(name)} />)
          : <style nonce={style.nonce}>{raw(style.text)}</style>}
        {view.refresh !== undefined &&
          (view.always ? <meta http-equiv="refresh" content={String(view.refresh)} /> : (
            <noscript>
              <meta http-equiv="refresh" content={String(view.refresh)} />
            </noscript>
          ))}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">
            <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
              <path d="M4 5h16M4 10h10M4 15h6" />
              <path class="arrow" d="M17 11v9m-4-4 4 4 4-4" />
            </svg>
            <span>ingest</span>
          </a>
          {viewer !== null && <Navigation section={view.section} viewer={viewer} />}
        </header>
        <main id="main" tabindex={-1}>
          {note !== null && <p class={`note ${note.kind}`} role="status">{note.text}</p>}
          {body}
        </main>
        <script
          type="module"
          src={path("after_paint.js")}
          data-scripts={assetsOf(view).filter((name) => name.endsWith(".js")).join(" ")}
        >
        </script>
      </body>
    </html>
  );
}

function Navigation({ section, viewer }: { section: Section | null; viewer: Viewer }) {
  const link = (to: string, name: Section, text: string) => (
    <a href={to} aria-current={section === name ? "page" : undefined}>{text}</a>
  );
  return (
    <>
      <nav aria-label="Main">
        {link("/", "runs", "Runs")}
        {link("/importers", "importers", "Importers")}
        {viewer.mayRun && link("/import", "import", "New import")}
      </nav>
      {viewer.isSignedIn && (
        <form class="who" method="post" action="/sign-out">
          <span title={`This token may ${MAY[viewer.principal.scope]}.`}>
            {viewer.principal.name}
          </span>
          <button type="submit" class="quiet">Sign out</button>
        </form>
      )}
    </>
  );
}

const MAY = { read: "look", run: "look and import", admin: "do everything" } as const;
