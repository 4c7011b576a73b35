/** What happened to a run, and who asked for it. */
import type { TimelineEntry } from "../../../report/timeline_schema.ts";
import { formatDuration } from "../../../report/numbers.ts";
import { Time } from "../parts/numbers.tsx";
import { eventName } from "../words.ts";

/** More than anybody reads. */
export const MOST_EVENTS = 200;

export function Happened({ events }: { events: readonly TimelineEntry[] }) {
  return (
    <ol class="timeline">
      {events.map(({ at, seconds, type, actor, text }) => (
        <li>
          <span class="at" title={`${formatDuration(seconds)} after it was created`}>
            <Time at={at} />
          </span>
          <span>
            <strong>{eventName(type)}</strong> {actor !== null && (
              <>
                by <bdi>{actor}</bdi>
              </>
            )}
            {text !== "" && <span class="details">{text}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
