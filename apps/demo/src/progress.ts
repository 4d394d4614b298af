/** What the terminal shows while the demo starts: on standard error, because standard output belongs to `--json`. */
export interface Progress {
  step<Result>(text: string, work: () => Promise<Result>): Promise<Result>;
  say(text: string): void;
}

/** Makes the progress of a terminal, or of a file that a terminal is not. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return Object.freeze({
    async step<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
      const started = performance.now();
      stream.write(`  ${text} … `);
      try {
        const result = await work();
        stream.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
        return result;
      } catch (error) {
        stream.write("failed\n");
        throw error;
      }
    },
    say: (text: string) => void stream.write(`${text}\n`),
  });
}
