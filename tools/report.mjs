// What the terminal shows while work goes on: each step with its time, and nothing that pretends.

/** @param {number} started from performance.now() */
export const seconds = (started) => `${((performance.now() - started) / 1000).toFixed(1)} s`;

/** Says what begins, so that a long silence has a name. @param {string} text */
export const announce = (text) => console.log(`\n▸ ${text}`);

/**
 * Runs one step and reports it. A step that throws has failed; it never ends the run, so that one report names everything that is wrong.
 * @template T @param {string} name @param {() => T | Promise<T>} work
 * @returns {Promise<{ ok: boolean, value?: T }>}
 */
export async function step(name, work) {
  const started = performance.now();
  try {
    const value = await work();
    console.log(`  ok    ${name}  ${seconds(started)}`);
    return { ok: true, value };
  } catch (error) {
    console.error(`  FAIL  ${name}  ${seconds(started)}\n${error instanceof Error ? error.message : String(error)}`);
    return { ok: false };
  }
}
