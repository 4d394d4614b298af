import { parseArgs } from "node:util";

/** What `npm start -- …` may say. */
export interface DemoOptions {
  /** Print one machine-readable line when ready (and nothing else on standard output). */
  readonly json: boolean;
  /** Simulated consumers that join the line. */
  readonly crowd: number;
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly experienceId: string;
  readonly queueId: string;
  /** From `STOREFRONT_PORT`; 0 = any free one. */
  readonly storefrontPort: number;
}

/** A call that was put wrongly; its message is one line and names the fix. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const usage = "npm start -- [--json] [--crowd N] [--organization org_…] [--publishable-key pk_…] [--experience exp_…] [--queue queue_…]";

/** Reads the command line. Raises `UsageError`. */
export function readOptions(args: readonly string[], variables: Readonly<Record<string, string | undefined>> = {}): DemoOptions {
  const { values } = parse(args);
  const crowd = Number(values.crowd);
  if (!Number.isInteger(crowd) || crowd < 0 || crowd > 5_000) throw new UsageError("--crowd takes a whole number up to 5000.");
  const storefrontPort = Number(variables["STOREFRONT_PORT"] || 4810);
  if (!Number.isInteger(storefrontPort) || storefrontPort < 0 || storefrontPort > 65_535) throw new UsageError("STOREFRONT_PORT must be 0 to 65535.");
  return {
    json: values.json,
    crowd,
    organizationId: values.organization,
    publishableKey: values["publishable-key"],
    experienceId: values.experience,
    queueId: values.queue,
    storefrontPort,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        crowd: { type: "string", default: "0" },
        organization: { type: "string", default: "org_demo" },
        "publishable-key": { type: "string", default: "pk_test_demo" },
        experience: { type: "string", default: "exp_demo" },
        queue: { type: "string", default: "queue_demo" },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}. Usage: ${usage}`);
  }
}
