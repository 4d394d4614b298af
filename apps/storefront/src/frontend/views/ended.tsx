import type { DenyReason, EndedOutcome } from "@fanfare-io/fanfare-sdk-react";
import { Ending } from "../parts/ending.tsx";
import { useShop } from "../shop-context.tsx";
import { endWords, words } from "../words.ts";

interface EndedProps {
  readonly outcome: EndedOutcome;
  readonly denyReason: DenyReason | undefined;
  readonly journey: { reroute(): Promise<void> };
}

/** Each end has its own honest page, and the way on where there is one. */
export function Ended({ outcome, denyReason, journey }: EndedProps) {
  const { settings } = useShop();
  const { action, ...end } = endWords(outcome, denyReason, settings.left);
  const ways = { order: action === "order" ? words.seeOrder : null, goOn: action === "rejoin" ? words.rejoin : null };
  return <Ending end={end} pageTitle={words.title} ways={ways} journey={journey} unreachable={words.unreachable} />;
}
