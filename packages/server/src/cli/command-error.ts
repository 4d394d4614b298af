/** A command that cannot be carried out, for a reason that the person at the terminal can act on. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
