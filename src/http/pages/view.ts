/** What a page is, and who looks at it. */
import type { Child } from "hono/jsx";
import { isSomebody } from "../identity/identify.ts";
import { allows, type Principal } from "../identity/principal.ts";
import type { AssetName } from "./assets.ts";

/** Who looks at a page. Buttons that would be refused are not shown. */
export interface Viewer {
  readonly principal: Principal;
  readonly mayRun: boolean;
  readonly mayAdminister: boolean;
  /** By a token. */
  readonly isSignedIn: boolean;
}

export type Section = "runs" | "importers" | "import";

export interface PageView {
  readonly title: string;
  /** In the navigation. */
  readonly section: Section | null;
  /**
   * What takes longer is a function: the frame is sent before it is called. What decides whether there is
   * such a page, and whether the reader may see it, is asked for before that.
   */
  readonly body: Child | (() => Promise<Child>);
  /** A body that comes later may have more than 30,000 characters: the style isn't sent with it. */
  readonly isLong?: boolean;
  /** Besides those that every page has. */
  readonly assets?: readonly AssetName[];
  /** Reloads the page after this many seconds where scripts don't run. */
  readonly refresh?: number;
  /** Also where they do: no script of the page does it. */
  readonly always?: boolean;
}

export function viewerOf(principal: Principal): Viewer {
  return {
    principal,
    mayRun: allows(principal, "run"),
    mayAdminister: allows(principal, "admin"),
    isSignedIn: isSomebody(principal),
  };
}
