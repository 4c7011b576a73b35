/** How a run of an importer begins: with a file that somebody chooses, or with the server's own. */
import type { Definition } from "../../../importer/definition.ts";
import { takesUploads } from "../../../importer/source_rule.ts";

export function StartButton({ definition }: { definition: Definition }) {
  const { slug, source } = definition;
  const name = encodeURIComponent(slug);
  return (
    <div class="actions">
      {takesUploads(source)
        ? (
          <a class="button" href={`/import?importer=${name}`}>
            Import a file
          </a>
        )
        : (
          <form method="post" action={`/importers/${name}/run`}>
            <button type="submit">Run now</button>
          </form>
        )}
    </div>
  );
}
