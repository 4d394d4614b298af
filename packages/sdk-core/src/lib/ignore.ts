/** Marks a deliberate swallow, so that the reason stands where the error vanishes. As a statement, since a bundler keeps the reason of what is returned. */
export function ignore(_reason: string): void {}
