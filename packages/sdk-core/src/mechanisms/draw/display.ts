import type { DrawConsumerState, DrawDisplay, DrawReceipt } from "@fanfare-io/fanfare-contract";

/** Before the first answer. */
export function blankDisplay(receipt: DrawReceipt | null, updatedAt: string): DrawDisplay {
  return Object.freeze<DrawDisplay>({
    status: "entered",
    enteredAt: null,
    closeAt: null,
    drawAt: null,
    winnerCount: null,
    entrants: null,
    weight: 1,
    reserveAhead: null,
    receipt,
    updatedAt,
  });
}

/** The next thing to show. What an answer does not speak of stays as it was: a result does not repeat when it was due. */
export function nextDisplay(before: DrawDisplay, state: DrawConsumerState, receipt: DrawReceipt | null, updatedAt: string): DrawDisplay {
  const { message: _said, ...known } = before;
  switch (state.status) {
    case "ENTERED":
    case "SETTLING": {
      const { status, enteredAt, drawAt, winnerCount, entrants, weight, message } = state;
      return Object.freeze<DrawDisplay>({
        status: status === "ENTERED" ? "entered" : "settling",
        enteredAt,
        closeAt: status === "ENTERED" ? state.closeAt : known.closeAt,
        drawAt,
        winnerCount,
        entrants,
        weight,
        reserveAhead: null,
        receipt,
        ...(message !== undefined && { message }),
        updatedAt,
      });
    }
    case "NOT_SELECTED":
      return Object.freeze<DrawDisplay>({ ...known, status: "reserve", reserveAhead: state.reserve?.ahead ?? null, receipt, updatedAt });
    case "WON":
      return Object.freeze<DrawDisplay>({ ...known, status: "won", reserveAhead: null, receipt, updatedAt });
    default:
      return before;
  }
}
