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
  const next =
    action === "order" ? ({ kind: "order", label: words.seeOrder } as const) : action === "rejoin" ? ({ kind: "go_on", label: words.rejoin } as const) : null;
  return <Ending end={end} pageTitle={words.title} next={next} journey={journey} unreachable={words.unreachable} />;
}
