import { get, post } from "../../transport/endpoints.ts";
import type { Endpoint } from "../../transport/endpoints.ts";

/** The calls of the draw, fetched with the rest of its code. The test that holds the SDK's calls against the contract's table reads these too. */
export const drawEndpoints = {
  getDraw: get("/draws/:drawId"),
  enterDraw: post("/draws/:drawId/enter"),
  leaveDraw: post("/draws/:drawId/leave"),
  getDrawStatus: get("/draws/:drawId/status"),
  getDrawProof: get("/draws/:drawId/proof"),
  getDrawTranscript: get("/draws/:drawId/transcript"),
} as const satisfies Record<string, Endpoint>;
