import { createHash } from "node:crypto";

/** Of `/docs`. */
const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { margin-bottom: 0 }
h2 { margin-top: 2.5rem; font-size: 1.1rem }
h2, li, td { overflow-wrap: break-word }
h2 code { font-size: 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .9rem }
pre { border: 1px solid var(--line); border-radius: .3rem; padding: .7rem; overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top }
nav ul { columns: 2 24rem; padding-left: 1rem }
nav li { break-inside: avoid }
`;

/** In the page itself, because nothing is loaded from elsewhere. */
export const STYLE_ELEMENT = `<style>${STYLE}</style>`;

/** For the page's Content-Security-Policy. */
export const STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;
