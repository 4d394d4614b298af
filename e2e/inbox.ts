import { setTimeout } from "node:timers/promises";
import type { Inbox } from "@fanfare-io/fanfare-contract";
import { call } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Page } from "playwright-core";

// Letters go out by a job of their own.
const [lookEveryMs, mostLooks] = [100, 200];

/** The development inbox of one organization: what would have been sent. */
export interface Letters {
  /** The ids of all that is there. */
  seen(): Promise<readonly string[]>;
  /** The code of the newest letter to this address that is none of `before`, once there is one. */
  codeFor(to: string, before?: readonly string[]): Promise<string>;
}

/** Reads the inbox as the organization's operator. */
export function lettersOf(adminUrl: string, { secretKey }: TestLaunch): Letters {
  const read = (): Promise<Inbox> => call<Inbox>("GET", `${adminUrl}/inbox`, { authorization: `Bearer ${secretKey}` });
  return Object.freeze<Letters>({
    seen: async () => (await read()).messages.map(({ id }) => id),
    async codeFor(to, before = []) {
      for (let looks = 0; looks < mostLooks; looks++) {
        const letter = (await read()).messages.find((message) => message.to === to && !before.includes(message.id));
        if (letter) return letter.code;
        await setTimeout(lookEveryMs);
      }
      throw new Error(`No code came for ${to}.`);
    },
  });
}

/** What opens the sheet from the place in line. */
export const keepPlace = "Keep it on all devices";

/** Opens the sheet and asks for a code. */
export async function askForCode(page: Page, email: string, opener = keepPlace): Promise<void> {
  await page.getByRole("button", { name: opener }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send the code" }).click();
  await page.getByRole("textbox", { name: "Code" }).waitFor();
}

/** Types a code, or what it was pasted with. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
}

/** From a guest to somebody known, as a person does it. */
export async function prove(letters: Letters, page: Page, email: string, opener?: string): Promise<void> {
  const before = await letters.seen();
  await askForCode(page, email, opener);
  await typeCode(page, await letters.codeFor(email, before));
}
