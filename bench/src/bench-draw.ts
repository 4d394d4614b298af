import { call } from "@fanfare-io/fanfare-testing";
import type { ServiceSubject } from "./subject.ts";

/** Makes a draw whose entries stay open, in a sequence of its own; the path that enters it. */
export async function openBenchDraw({ launch, adminUrl }: ServiceSubject, name: string): Promise<string> {
  const operator = { authorization: `Bearer ${launch.secretKey}` };
  const [id, sequenceId] = [`draw_${name}`, `seq_${name}`];
  await call("POST", `${adminUrl}/sequences`, operator, { id: sequenceId, experienceId: launch.experienceId, name: "Draw" });
  await call("POST", `${adminUrl}/draws`, operator, { id, sequenceId, name: "Draw", drawAt: "2999-01-01T00:00:00.000Z", winnerCount: 1 });
  return `/api/draws/${id}/enter`;
}
