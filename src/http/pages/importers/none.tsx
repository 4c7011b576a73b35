/** There is no importer, or none that the token may use: how to get one. */
import type { Viewer } from "../view.ts";

const EXAMPLE = `table: customers
key: email
columns:
  email: { from: E-Mail, type: email }
  name: { from: Name, required: true }
`;

export function NoImporters({ viewer }: { viewer: Viewer }) {
  if (viewer.principal.importers !== null) {
    return (
      <section class="empty">
        <h2>No importers for you yet</h2>
        <p>Your token is limited to some importers, and none of those is on this server.</p>
      </section>
    );
  }
  return (
    <section class="empty wide">
      <h2>There are no importers yet</h2>
      <p>
        An importer is a small text file that says which column of a file fills which column of a
        table. Whoever runs this server puts it into the server’s folder of definitions, as{" "}
        <code>customers.yaml</code> say, and it appears here.
      </p>
      <pre class="example"><code>{EXAMPLE}</code></pre>
    </section>
  );
}
