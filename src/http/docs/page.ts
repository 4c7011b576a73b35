/** `/docs`: the OpenAPI document as a page without scripts, which loads nothing from elsewhere. */
import { html, raw } from "hono/html";
import type { ApiDocument } from "./openapi.ts";
import { type Operation, operationsOf, type Parameter } from "./operations.ts";
import { STYLE_ELEMENT } from "./stylesheet.ts";

export function renderDocument(document: ApiDocument) {
  const operations = operationsOf(document);
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${document.info.title}: HTTP API</title>
        ${raw(STYLE_ELEMENT)}
      </head>
      <body>
        <h1>${document.info.title}: HTTP API</h1>
        <p>${document.info
          .description} As a file for programs: <a href="/openapi.json">openapi.json</a>.</p>
        <p>
          Send <code>Authorization: Bearer &lt;token&gt;</code> with every request, unless it says
          otherwise. <code>ingest token create</code> creates tokens. Answers are JSON. So are failures:
          <code>{message, code, errors?}</code>.
        </p>
        <nav>
          <ul>
            ${operations.map((operation) =>
              html`
                <li><a href="#${operation.anchor}"><code>${operation.method} ${operation
                  .path}</code></a></li>
              `
            )}
          </ul>
        </nav>
        ${operations.map(renderOperation)}
        <h2 id="shapes">Shapes</h2>
        ${Object.entries(document.components?.schemas ?? {}).map(([name, schema]) =>
          html`
            <h2 id="schema-${name}"><code>${name}</code></h2>
            <pre>${JSON.stringify(schema, null, 2)}</pre>
          `
        )}
      </body>
    </html>
  `;
}

function renderOperation(operation: Operation) {
  const { anchor, method, path, summary, description, parameters, bodies, answers } = operation;
  return html`
    <h2 id="${anchor}"><code>${method} ${path}</code></h2>
    <p>${prose(summary)} ${prose(description)}${operation.needsToken ? "" : " Needs no token."}</p>
    ${parameters.length > 0
      ? html`
        <table>${parameters.map(renderParameter)}</table>
      `
      : ""} ${bodies.map(({ type, schema }) =>
        html`
          <p>Body: <code>${type}</code></p><pre>${JSON.stringify(schema, null, 2)}</pre>
        `
      )}
    <table>
      ${answers.map(({ status, description, shape }) =>
        html`
          <tr>
            <td><code>${status}</code></td>
            <td>${prose(description)}</td>
            <td>${shape === null ? "" : html`
              <a
                href="#schema-${shape}"
              ><code>${shape}</code></a>
            `}</td>
          </tr>
        `
      )}
    </table>
  `;
}

function renderParameter({ name, where, required, description }: Parameter) {
  return html`
    <tr>
      <td><code>${name}</code></td>
      <td>${where}${required ? "" : ", optional"}</td>
      <td>${prose(description)}</td>
    </tr>
  `;
}

/** Text, with the parts in backticks as code. */
function prose(text: string) {
  const parts = text.split("`");
  return parts.map((part, index) => index % 2 === 0 ? part : [raw("<code>"), part, raw("</code>")]);
}
