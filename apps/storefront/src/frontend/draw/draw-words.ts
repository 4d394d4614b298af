import type { CheckName } from "@fanfare-io/fanfare-draw-proof";
import { drawPiece, product } from "../../product.ts";

const { name } = drawPiece;

/** Every word that the draw's pages say, in one table, so that a translator needs no other file. */
export const drawWords = {
  title: `${name} · ${product.shop}`,
  toTheLine: `${product.name}, by line`,
  byDraw: (winners: number | null) => (winners === null ? "By draw" : `${winners} by draw`),
  looking: "Looking at the draw",
  unavailable: "No draw is planned now",
  unavailableNote: "Come back after the next firing.",
  unreachable: "We cannot reach the draw. We keep trying.",
  tryAgain: "Try again",

  opensIn: "Entries open in",
  closesIn: "Entries close in",
  opening: "Entries open now",
  closing: "Entries close now",
  opensAt: (when: string) => `Entries open ${when}.`,
  enter: "Enter the draw",
  entering: "Entering",
  enterNote: "One entry each, without an account. When you enter makes no difference.",
  entry: {
    full: "The draw takes no more entries at the moment. Try again in a minute.",
    enough: "You take part in this launch as often as one person may. What you have stays yours.",
    busy: (wait: string) => `Many people are entering at this moment. Try again in ${wait}; when you enter makes no difference.`,
    notReached: "We could not reach the draw. Try again in a moment.",
  },
  announced: "Fixed before the first entry",
  fixed: "Rules fixed",
  fixedAt: (time: string) => `${time}, with a sealed seed`,
  pieces: "To be drawn",
  among: (winners: number, entries: number) =>
    entries === 0
      ? `${winners.toLocaleString("en-GB")}, and nobody has entered yet`
      : `${winners.toLocaleString("en-GB")} among ${entries === 1 ? "one entry" : `${entries.toLocaleString("en-GB")} entries`}`,
  closes: "Entries close",
  moved: "First announced for",
  drawn: "Drawn",
  chances: "Chances",
  weighted: "More for those who missed out before",

  entered: "You are in",
  enteredText: (drawAt: string) => `Drawn at ${drawAt}. You may close this page. Come back for the result: a win has to be claimed while its time runs.`,
  drawnIn: "Drawn in",
  settling: "Entries are closed",
  settlingText: "The list is sealed. Nobody can enter or leave any more.",
  drawing: "Drawing",
  drawingText: "The result is being made and published. It takes a moment.",
  missingRound: "The draw waits for a round of public randomness that is not there yet. The list is sealed; nothing about it can change meanwhile.",
  reserve: "Not among the first",
  reserveText: (ahead: number) =>
    ahead === 0
      ? "You are next: if a win stays unclaimed, it is yours."
      : `${ahead} ${ahead === 1 ? "entry stands" : "entries stand"} before yours, should a win stay unclaimed.`,
  saveReceipt: "Save my receipt",
  receiptNote: "Proof, signed by the draw, that your entry was taken.",
  leave: "Withdraw my entry",
  leaveTitle: "Withdraw your entry?",
  leaveLoss: "You take no part in this draw then. Until entries close you may enter again.",
  stay: "Stay in",
  asOf: (clock: string) => `Reconnecting. As of ${clock}; your entry is safe.`,

  won: "You were drawn!",
  wonText: "One bowl is yours to buy. Continue to checkout to hold it.",
  wonTitle: `You were drawn! · ${name}`,
  wonOver: "The time is up. We are asking the draw.",
  wonSoon: "Less than two minutes left. Continue now, or the win lapses.",
  wentOn: "It goes to the next entry.",
  announceWon: (left: string) => `You were drawn! Continue to checkout. ${left} left.`,
  announceEntered: "You are in the draw.",
  announceClosed: "Entries are closed.",

  elsewhere: "You were drawn, on your other device",
  elsewhereText: "Continue on the device that you entered with: this draw lets only that one buy.",
  elsewhereNote: "If you cannot get to it, write to draw@kilnrow.example: a person can let this page go on.",

  next: "To the next draw",
  again: "Enter again",
  seeOrder: "See your order",

  checkTitle: "Check it yourself",
  checkLead: "This page fetches what the draw has published and recomputes all of it here, in your browser.",
  checkButton: "Check this draw",
  checking: "Checking",
  checkFailed: "What is published could not be fetched. Try again in a moment.",
  notYet: "No result yet",
  checkNotYet: "The draw has not published its result yet. This page looks again by itself.",
  cancelled: "Called off",
  checkCancelled: "This draw was called off. Nothing was drawn, and nothing can be checked but that its rules were fixed.",
  checkNone: "There is no such draw here.",
  checkLink: "Link for anyone to check",
  checkHeading: "A draw, for anyone to check",
  checkIntro: "Nothing on this page is taken on trust: what the draw published is fetched, and all of it is recomputed here.",
  checkReceipt: "Check a receipt as well",
  checkReceiptNote: "The file that was saved when entering. It stays on this device.",
  checkReceiptNot: "This file is not a receipt.",
  toTheDraw: "To the draw",
  stated: "What the draw says",
  idTerm: "Draw",
  rootTerm: "Root of the sealed list",
  rootNone: "not sealed yet",
  hashTerm: "Commitment",
  holds: "The draw holds.",
  holdsNot: "The draw does not hold.",
  unsure: "What could be checked here holds; one point could not be.",
  took: (milliseconds: number) => `Recomputed in ${milliseconds < 1 ? "under 1" : Math.round(milliseconds)} ms on this device.`,
  saveTranscript: "Save the transcript",
  saveNote: "Anyone can check it elsewhere: fanfare verify transcript.json",
  roll: (count: number) => `The list of entries, ${count.toLocaleString("en-GB")} in all`,
  rollFirst: (count: number) => `The first ${count}`,
  ticket: "Entry",
  reference: "Reference",
  outcome: "Outcome",
  yours: "yours",
  drawnAs: (place: number) => `drawn ${place === 1 ? "first" : `as number ${place}`}`,
  tookNoPart: "took no part",
  notDrawn: "not drawn",
  yes: "holds",
  no: "fails",
  unknown: "not checked",

  mine: {
    included: (ticket: number, entries: number) => `Your entry is number ${ticket} of ${entries} on the sealed list`,
    missing: "Your entry is not under the sealed list's root",
    noProof: "This browser holds no entry in this draw, so the checks below are about the draw alone.",
    receipt: "The entry on the receipt that you got when entering is on the list",
    receiptBad: "The entry on the receipt that you got when entering is not on the list",
    receiptSigned: "Its signature, and those of the rules, the list and the result, are the draw's",
    receiptUnsigned: "A signature is not the draw's",
    won: "From the published seed it follows that your entry was drawn",
    lost: "From the published seed it follows that your entry was not drawn",
    excluded: "Your entry took no part: it was withdrawn or excluded, as the list says",
    disagrees: "The published winners say something else",
  },
} as const;

/** What each check means to somebody who wants to buy a bowl. */
export const checkWords: Readonly<Record<CheckName, string>> = {
  form: "What was published can be read",
  rules_first: "Rules and sealed seed were fixed before the first entry",
  rules_kept: "Nothing that decides who wins was changed afterwards",
  list_closed: "Entries were closed as announced",
  list_complete: "The list is the sealed one, entry for entry",
  weights: "No entry counts for more than the rules allow",
  beacon: "The public randomness is what was promised",
  seed: "The seed is the one that was sealed, opened after the list was",
  winners: "The winners follow from seed and list, and from nothing else",
  continued: "Wins that ended went to the next in the same order, or to nobody",
};

/** An end of a draw, in words. */
export interface DrawEnd {
  readonly title: string;
  readonly text: string;
  readonly action: "order" | "again" | "next";
}

/** Each end has its own honest words. */
export const drawEnds = {
  completed: { title: "It is yours.", text: "Thank you. Your bowl leaves the workshop within three days.", action: "order" },
  not_selected: { title: "Not this time", text: "Other entries were drawn. How that came about is open to you, to the last entry.", action: "next" },
  expired: { title: "Your win has lapsed", text: "It was not claimed in time.", action: "next" },
  left: { title: "You withdrew", text: "You take no part in this draw. While entries are open you may come back.", action: "again" },
  closed: { title: "Entries are closed", text: "This draw takes no more entries. You can follow how it was made, below.", action: "next" },
  denied: {
    title: "We could not take your entry",
    text: "The draw refused this visit. Write to draw@kilnrow.example, and a person will look at it.",
    action: "next",
  },
  cancelled: { title: "This draw was called off", text: "Nothing was drawn. The next one is open to everybody again.", action: "next" },
} as const satisfies Record<string, DrawEnd>;

/** Where no public randomness was promised, the page says so, and what that leaves to trust. */
export const noBeaconWords = "No public randomness was promised, and none was used";
