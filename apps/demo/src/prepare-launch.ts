import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CreatedOrganization, ExperienceTree } from "@fanfare-io/fanfare-contract";
import { createAdminClient } from "./admin-client.ts";
import type { DemoOptions } from "./options.ts";

/** The demo's launch, ready to be joined. */
export interface DemoLaunch {
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly experienceId: string;
  readonly queueId: string;
  /** Where the draws take place, one after another. */
  readonly drawExperienceId: string;
  readonly drawSequenceId: string;
}

/** Makes the demo's organization and launch through the admin plane, or finds those that an earlier start made. */
export async function prepareLaunch(adminUrl: string, dataDirectory: string, options: DemoOptions): Promise<DemoLaunch> {
  const { organizationId, publishableKey, experienceId, queueId } = options;
  const secretKey = await ensureOrganization(adminUrl, dataDirectory, options);
  const admin = createAdminClient(adminUrl, secretKey);
  const existing = await admin.get<ExperienceTree>(`/experiences/${experienceId}`);
  if (existing === null) {
    await admin.post("/experiences", {
      id: experienceId,
      name: "Low Tide, first edition",
      sequence: {
        name: "Everyone",
        // Thirty a minute, a dozen at the till: a newcomer gets through in seconds, and a crowd makes a line that can be watched.
        queues: [{ id: queueId, name: "The line", admitRate: 30, capacity: 12, admissionExpirationSeconds: 600, grantExtensions: 2 }],
      },
    });
  }
  const draws = { drawExperienceId: `${experienceId}_draw`, drawSequenceId: `${experienceId.replace(/^exp_/, "seq_")}_draw` };
  if ((await admin.get<ExperienceTree>(`/experiences/${draws.drawExperienceId}`)) === null) {
    await admin.post("/experiences", {
      id: draws.drawExperienceId,
      name: "First Light, by draw",
      sequence: { id: draws.drawSequenceId, name: "Everyone" },
    });
  }
  return { organizationId, publishableKey, secretKey, experienceId, queueId, ...draws };
}

/** The secret key of the demo's organization, which is shown only once: it is kept beside the data, for its owner's eyes. */
async function ensureOrganization(adminUrl: string, dataDirectory: string, options: DemoOptions): Promise<string> {
  const keyFile = join(dataDirectory, `demo-${options.organizationId}.json`);
  if (existsSync(keyFile)) {
    const { secretKey } = JSON.parse(readFileSync(keyFile, "utf8")) as { secretKey: string };
    const known = await createAdminClient(adminUrl, secretKey)
      .get<unknown>("/organizations/current")
      .catch(() => null);
    if (known !== null) return secretKey;
  }
  const operator = createAdminClient(adminUrl, operatorKeyIn(dataDirectory));
  const made = await operator.post<CreatedOrganization>("/organizations", {
    id: options.organizationId,
    name: "Kiln Row",
    publishableKey: options.publishableKey,
  });
  if (made === null) {
    throw new Error(
      `${options.organizationId} exists already, and its secret key is not in ${keyFile}. Give other ids with --organization and --publishable-key.`,
    );
  }
  writeFileSync(keyFile, `${JSON.stringify({ secretKey: made.secretKey }, null, 2)}\n`, { mode: 0o600 });
  return made.secretKey;
}

function operatorKeyIn(dataDirectory: string): string {
  const given = process.env["FANFARE_OPERATOR_KEY"];
  if (given !== undefined && given !== "") return given;
  const secretsFile = process.env["FANFARE_SECRETS_FILE"] ?? join(dataDirectory, "secrets.json");
  return (JSON.parse(readFileSync(secretsFile, "utf8")) as { operatorKey: string }).operatorKey;
}
