/**
 * A young generation of three times 4 MB, where Node's own grows to three times 16, and an old one that is collected when it has grown by a fifth.
 * What requests leave behind is young garbage; in large spaces it lies around for longer, and so do the keys and buffers outside the heap
 * that go with it (decision 0037 has the figures). Beside an embedded database, which takes hundreds of megabytes, it is three times 8: in the
 * smaller one whole requests may grow old, and cost a third of the pace.
 */
const frugalFlags = (hasServer: boolean): readonly string[] => [`--max-semi-space-size=${hasServer ? 4 : 8}`, "--heap-growing-percent=20"];

/**
 * Begins this process anew with these flags, which V8 takes at its start only; the process id, its files and its parent stay. Does nothing where the operator
 * has said how large these spaces are, where a parent talks to the process, and where the system or an older Node cannot: then it runs on as it is, with more memory.
 */
export function beginFrugally(): void {
  const said = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  if (process.platform === "win32" || process.execve === undefined || process.connected || said.includes("semi-space")) return;
  const flags = frugalFlags((process.env["DATABASE_URL"] ?? "") !== "");
  process.execve(process.execPath, [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)], process.env);
}
