/** Sends a page's frame at once, so that the browser has drawn it when the rest arrives. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { RequestEnv } from "../server_context.ts";

/** Where the body belongs in the frame. What a page shows is escaped: it can't have this in it. */
export const BODY = "<!--body-->";

interface FrameFirst {
  readonly frame: string;
  readonly body: () => Promise<Child>;
  /** Shown in place of the body: by now the status is sent. */
  readonly failed: (thrown: unknown) => Child;
}

export function sendFrameFirst(
  c: Context<RequestEnv>,
  { frame, body, failed }: FrameFirst,
): Response {
  const [before, after] = frame.split(BODY);
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const answer = { ended, sent: 0 };
  c.set("stream", answer);
  // Asked for while the frame is on its way.
  const rest = body().then(textOf).catch((error) => textOf(failed(error)));
  const parts = [before, rest, after];
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = encoder.encode(await parts.shift());
      answer.sent += bytes.length;
      controller.enqueue(bytes);
      if (parts.length > 0) return;
      controller.close();
      end("finished");
    },
    cancel: () => end("gone"),
  }, { highWaterMark: 0 });
  return c.body(stream, 200, { "content-type": "text/html; charset=UTF-8" });
}

async function textOf(body: Child): Promise<string> {
  return String(
    await html`
      ${body}
    `,
  );
}
