/** A run can't go on, because its hooks can't be used: the file is gone, has changed, or is wrong. */
export class HooksFailed extends Error {
  override readonly name = "HooksFailed";
}
