import type { Session } from "@fanfare-io/fanfare-contract";

/** Whether `next` is whom the guest `before` has proved to be: the same consumer, or the one that their participations went to. */
export function isSuccessor(before: Session, next: Session): boolean {
  if (before.type !== "guest" || next.type !== "authenticated") return false;
  return [next.consumerId, next.guestId, next.linked?.fromConsumerId].includes(before.consumerId);
}
