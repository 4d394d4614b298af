import { resolve } from "node:path";
import { product } from "../product.ts";

/** How one storefront runs. */
export interface StorefrontConfig {
  /** The line's consumer plane as browsers call it, `/api` included. */
  readonly apiUrl: string;
  readonly organizationId: string;
  readonly publishableKey: string;
  /** Stays in this process. */
  readonly secretKey: string;
  readonly experienceId: string;
  /** The experience that gives the second piece out by draw; without one the shop sells the first alone. */
  readonly drawExperienceId?: string;
  /** 0 = a free one. */
  readonly port: number;
  /** @defaultValue "127.0.0.1" */
  readonly host?: string;
  /** Where orders are kept. */
  readonly dataDir: string;
  /** Pieces of the line in all. @defaultValue the product's edition */
  readonly stock?: number;
}

/** Something the operator can put right; its message is one line and names the fix. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}

const required = ["FANFARE_API_URL", "FANFARE_ORGANIZATION_ID", "FANFARE_PUBLISHABLE_KEY", "FANFARE_SECRET_KEY", "FANFARE_EXPERIENCE_ID"] as const;

/** Reads the environment. Raises a `StartProblem` that names every missing or wrong variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): StorefrontConfig {
  const missing = required.filter((name) => !env[name]);
  if (missing.length > 0) throw new StartProblem(`The storefront needs ${missing.join(", ")} in its environment.`);
  const read = (name: (typeof required)[number]): string => env[name] ?? "";
  return {
    apiUrl: readUrl(read("FANFARE_API_URL")),
    organizationId: read("FANFARE_ORGANIZATION_ID"),
    publishableKey: read("FANFARE_PUBLISHABLE_KEY"),
    secretKey: read("FANFARE_SECRET_KEY"),
    experienceId: read("FANFARE_EXPERIENCE_ID"),
    ...(env["FANFARE_DRAW_EXPERIENCE_ID"] && { drawExperienceId: env["FANFARE_DRAW_EXPERIENCE_ID"] }),
    port: readWhole(env, "STOREFRONT_PORT", 4810, 65_535),
    host: env["STOREFRONT_HOST"] ?? "127.0.0.1",
    dataDir: resolve(env["STOREFRONT_DATA_DIR"] ?? ".fanfare/storefront"),
    stock: readWhole(env, "STOREFRONT_STOCK", product.edition, 1_000_000),
  };
}

function readUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw new StartProblem("FANFARE_API_URL must be a full address, such as http://localhost:4802/api.");
}

function readWhole(env: Readonly<Record<string, string | undefined>>, name: string, otherwise: number, most: number): number {
  const text = env[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new StartProblem(`${name} must be a whole number from 0 to ${most}.`);
}
