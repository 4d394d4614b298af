import { drawPiece, product } from "../product.ts";
import type { DenyReason, EndedOutcome } from "@fanfare-io/fanfare-sdk-react";

/** Every word that the front page says, in one table, so that a translator needs no other file. */
export const words = {
  skip: "Skip to content",
  colophon: "A demonstration shop. Nothing is sold, no card is charged.",
  edition: (left: number, edition: number) => (left === edition ? `Edition of ${edition}` : `${left} of ${edition} left`),
  delivery: "Delivery included",
  looking: "Looking at the line",
  join: "Join the line",
  joining: "Joining",
  joinNote: "One piece each. You get a place in line, without an account.",
  entry: {
    full: "The line is full at the moment. Places come free as people are let in: try again in a minute.",
    enough: "You take part in this launch as often as one person may. What you have stays yours.",
    busy: (wait: string) => `Many people are coming at this moment. Try again in ${wait}.`,
    notReached: "We could not reach the line. Try again in a moment.",
  },
  notOpen: "Opens in",
  opensAt: (when: string) => `The line opens ${when}. This page opens with it.`,
  opening: "Opening now",
  unavailable: "Not on sale now",
  unavailableNote: "There is no line for this piece at the moment.",
  unreachable: "We cannot reach the line. We keep trying.",
  tryAgain: "Try again",
  codeLabel: "Access code",
  codeSend: "Continue",
  codeNote: "This line opens with the code from your invitation.",
  codeWrong: "This code does not open the line. Check it and try again.",
  personCheck: "The line asks for a check that this page cannot do yet.",

  toTheDraw: `${drawPiece.name}, by draw`,

  yourPlace: `Your place in line for ${product.name}`,
  next: "You are next",
  placeNext: `You are next for ${product.name}`,
  placeSoFar: `In line for ${product.name}`,
  moving: (perMinute: number) => (perMinute === 1 ? "The line lets in one person a minute." : `The line lets in up to ${perMinute} people a minute.`),
  movingOtherwise: "The line is moving.",
  standing: "The line is standing still for a moment. Your place is kept.",
  estimateLabel: "Your turn comes in",
  noEstimate: "We show a time as soon as we can tell one honestly.",
  aroundClock: (from: string, to: string) => (from === to ? `around ${from}` : `between ${from} and ${to}`),
  progressLabel: "From where you joined to your turn",
  mayClose: (until: string | null) =>
    `You may close this page${until === null ? "" : `; your place is kept at least until ${until}`}. Be back in time: a turn lasts only minutes.`,
  welcomeBack: (isNext: boolean) => (isNext ? "Welcome back. You are next." : "Welcome back. Your place was kept."),
  drawnAt: "Places are drawn at",
  drawnSoon: (clock: string) => `Places are drawn at ${clock}`,
  early: "Everybody who is here by then has the same chance of every place. You need not reload.",
  earlyEstimate: "Your place and a time follow then.",
  tellMe: "Sound and notification at my turn",
  leave: "Leave the line",
  asOf: (clock: string) => `Reconnecting. As of ${clock}; your place is kept.`,
  announcePlace: (place: string, estimate: string) => `${place}. ${estimate}`,

  elsewhere: "It is your turn on your other device",
  elsewhereText: "Continue on the device that you joined the line with: this line lets only that one buy. A turn lasts only minutes.",
  elsewhereNote: "If you cannot get to it, write to line@kilnrow.example: a person can let this page go on. Or leave the line, and join again here at the end.",
  elsewhereLoss: "You give up the turn on your other device too. If you come back, you start at the end.",

  leaveTitle: "Leave the line?",
  leaveLoss: (position: number | null) =>
    position === null
      ? "You give up your place. If you come back, you start at the end."
      : `You give up place ${position}. If you come back, you start at the end.`,
  stay: "Keep my place",

  turnEyebrow: product.name,
  turn: "It’s your turn!",
  turnText: "One piece is waiting for you. Continue to checkout to hold it.",
  turnLeft: "Your turn lasts",
  turnUntil: (clock: string) => `until ${clock}`,
  turnSoon: "Less than two minutes left. Continue now, or the piece goes to the next in line.",
  turnSoonMore: "Less than two minutes left. Continue now, or ask for more time.",
  moreTime: (length: string) => `I need ${length} more`,
  moreTimeBusy: "Asking for more time",
  moreTimeGiven: (clock: string) => `Your turn lasts until ${clock} now.`,
  moreTimeFailed: "More time could not be given. Try again, or continue now.",
  turnOver: "The time is up. We are asking the line.",
  toCheckout: "Continue to checkout",
  toCheckoutBusy: "Opening the counter",
  announceTurn: (left: string) => `It’s your turn! Continue to checkout. ${left} left.`,

  titleWaiting: (place: string) => `${place} · ${product.name}`,
  titleTurn: `Your turn! · ${product.name}`,
  title: `${product.name} · ${product.shop}`,

  rejoin: "Back to the line",
  seeOrder: "See your order",
} as const;

/** An end, in words. `action` is what may be done about it. */
export interface EndWords {
  readonly title: string;
  readonly text: string;
  readonly action: "order" | "rejoin" | "none";
}

const ends: Readonly<Record<EndedOutcome, EndWords>> = {
  completed: { title: "It is yours.", text: "Thank you. Your jar leaves the workshop within three days.", action: "order" },
  expired: { title: "Your turn has ended", text: "Its time ran out and the piece went to the next in line. You may join again, at the end.", action: "rejoin" },
  left: { title: "You left the line", text: "Your place went to the next. You may join again, at the end.", action: "rejoin" },
  closed: { title: "The line has closed", text: "No more places are given out. Thank you for coming.", action: "none" },
  denied: { title: "We could not let you in", text: "The line refused this visit.", action: "none" },
  not_selected: { title: "Not this time", text: "Other entries were drawn. Thank you for taking part.", action: "none" },
  outbid: { title: "You were outbid", text: "Someone bid more. Nothing was charged.", action: "none" },
};

const soldOut: EndWords = { title: "Sold out", text: "All pieces have found a home. Thank you for waiting with us.", action: "none" };

const denials: Readonly<Record<DenyReason, EndWords>> = {
  QUEUE_CLOSED: ends.closed,
  SOLD_OUT: soldOut,
  BOT_DETECTED: {
    title: "We could not let you in",
    text: "Our check took this browser for a program. If that is wrong, write to line@kilnrow.example with the time of your visit, and a person will look at it.",
    action: "none",
  },
  VALIDATION_LIMIT_REACHED: {
    title: "Too many tries",
    text: "Your turn was tried at the counter too often. Write to line@kilnrow.example if that was not you.",
    action: "none",
  },
  ORDER_LIMIT_EXCEEDED: { title: "You have one already", text: "One piece each, so that more people get one.", action: "order" },
  ADMISSION_EXPIRED: ends.expired,
};

/** The words for an end; an empty shelf says so whatever closed the line. */
export function endWords(outcome: EndedOutcome, denyReason: DenyReason | undefined, left: number): EndWords {
  if (denyReason === "SOLD_OUT") return soldOut;
  const end = outcome === "denied" && denyReason !== undefined ? denials[denyReason] : ends[outcome];
  return left === 0 && end === ends.closed ? soldOut : end;
}
