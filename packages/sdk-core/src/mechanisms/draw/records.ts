import type { DrawRecords } from "@fanfare-io/fanfare-contract";
import type { RecordsContext } from "../mechanism.ts";
import { drawEndpoints } from "./endpoints.ts";
import { isReceipt } from "./memo.ts";

/** The questions that anybody may ask about a draw, and the two that only an entrant can. */
export function createDrawRecords({ distributionId: id, transport, authorized, kept }: RecordsContext): DrawRecords {
  return Object.freeze<DrawRecords>({
    facts: () => transport.send({ endpoint: drawEndpoints.getDraw, id }),
    async receipt() {
      const value = await kept();
      return isReceipt(value) ? value : null;
    },
    proof: () => authorized.send({ endpoint: drawEndpoints.getDrawProof, id }),
    transcript: () => transport.send({ endpoint: drawEndpoints.getDrawTranscript, id }),
  });
}
