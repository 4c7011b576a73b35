/** The file's header doesn't fit the definition and the table. One line, for the file's owner. */
export class HeaderMismatch extends Error {
  override readonly name = "HeaderMismatch";
}

/** The definition doesn't fit the table, whatever the file. One line, for the definition's author. */
export class DefinitionMismatch extends Error {
  override readonly name = "DefinitionMismatch";
}
