/** Every word about becoming known, in one table, so that a translator needs no other file. */
export const knownWords = {
  offer: "Your place is kept on this device only.",
  offerEntry: "Your entry is kept on this device only.",
  open: "Keep it on all devices",
  kept: (by: string) => `Kept for ${by}, on all your devices.`,
  keptAnywhere: "Kept on all your devices.",
  apart:
    "The shop has taken this visit and the account that it was put together with apart again. Your place stays with that account; here you stand at the end of the line.",
  apartOut: "The shop has taken this visit and the account that it was put together with apart again. Your place stays with that account.",
  prove: "Say who you are",
  returning: "I have a place already",
  returningEntry: "I have entered already",
  returningNote: "With the address that you gave on your other device.",

  title: "Keep your place on all your devices",
  titleEntry: "Keep your entry on all your devices",
  titleGate: "Say who you are",
  titleReturn: "Find it on this device",
  intro: "We send a code. No password, no account to set up.",
  placeKept: (place: string) => `${place}. It is kept while you do this.`,
  entryKept: "Your entry is kept while you do this.",
  way: "Send the code by",
  byEmail: "E-mail",
  byPhone: "Text message",
  email: "E-mail address",
  phone: "Phone number",
  phoneHint: "With the country code, such as +41, if it is not a number of this country.",
  send: "Send the code",
  sending: "Sending",
  haveCode: "I have a code",

  codeTitle: "Enter the code",
  sentTo: (to: string) => `We sent it to ${to}.`,
  askedElsewhere: (to: string) => `Enter the code that was sent to ${to}.`,
  code: "Code",
  codeHint: "The digits from our message. You may paste them.",
  expires: "Good for",
  expired: "This code is over. Ask for a new one.",
  confirm: "Confirm",
  confirming: "Checking",
  resend: "Send a new code",
  resendIn: (left: string) => `New code in ${left}`,
  resent: "A new code is on its way. The old one is worth nothing now.",
  other: "Use another address",

  doneTitle: "Done",
  doneText: (by: string) =>
    `You are known as ${by}. Open this page on another device and enter the same address: you will find everything there as it is here.`,
  doneAnywhere: "Open this page on another device and say who you are: you will find everything there as it is here.",
  mergedText: "We found what you have with us already. The better of your places counts, and there is one of each only.",
  done: "Go on",
  close: "Not now",

  conflictTitle: "This address is known already",
  conflictText:
    "This shop does not put the guest of this device and that account together. Nothing has changed: what you have here is still yours, on this device. Use another address, or log in with this one where you used it before.",

  wrongEmail: "This does not look like an e-mail address. It needs a name, an @ and a domain, such as ines@example.com.",
  wrongPhone: "This does not look like a phone number. Try it with the country code, such as +41 79 123 45 67.",
  noCode: "Type the digits of the code.",
  invalid: (left: number | null) =>
    left === null
      ? "This code does not fit. Check the digits, or ask for a new one."
      : left === 0
        ? "This code does not fit, and has been tried too often. Ask for a new one."
        : `This code does not fit. Check the digits; ${left === 1 ? "one more try" : `${left} more tries`}.`,
  limited: (wait: string | null) => `Too many codes were asked for. ${wait === null ? "Try again later" : `Try again in ${wait}`}; nothing of yours is lost.`,
  noCountry: "We cannot send text messages to that country. Use an e-mail address.",
  noTexts: "No more text messages can be sent today. Use an e-mail address; nothing of yours is lost.",
  notConfigured: "This shop cannot send codes at the moment. Nothing of yours is lost.",
  unreachable: "We cannot reach the service. Nothing of yours is lost; try again.",
  failed: "That did not work. Nothing of yours is lost; try again.",
} as const;
