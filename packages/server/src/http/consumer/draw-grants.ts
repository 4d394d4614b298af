import type { DrawDesk } from "../../draws/desk.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import type { QueueGrantHandlersDeps } from "./queue-grants.ts";

/** What the shop's own routes of a draw need: the draw, and the routes that do the same under another address. */
export interface DrawGrantHandlersDeps {
  readonly draws: Pick<DrawDesk, "find">;
  readonly same: Pick<QueueGrantHandlersDeps["same"], "validateGrant" | "completeGrant">;
}

type Names = "validateInDraw" | "completeInDraw";

/** What the shop's backend does about a win, under the draw's own address (contract §4). */
export function drawGrantHandlers({ draws, same }: DrawGrantHandlersDeps): Handlers<Names> {
  async function mustExist({ tenant, params }: Pick<Call<Names>, "tenant" | "params">): Promise<void> {
    if ((await draws.find({ organizationId: tenant.id, drawId: params["drawId"] ?? "" })) === null) throw new ServiceError("not_found");
  }

  return {
    async validateInDraw(call) {
      await mustExist(call);
      return same.validateGrant(call);
    },
    async completeInDraw(call) {
      await mustExist(call);
      return same.completeGrant(call);
    },
  };
}
