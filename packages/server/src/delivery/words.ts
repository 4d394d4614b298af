import type { MessageLanguage } from "@fanfare-io/fanfare-contract";

/** The sentences of a message with a code. `{name}` is the organization, `{minutes}` how long the code is good. */
export interface Words {
  readonly subject: string;
  readonly lead: string;
  readonly life: string;
  readonly warning: string;
  readonly ignore: string;
  readonly sms: string;
}

/** One table a language; each says the same. */
export const words: Readonly<Record<MessageLanguage, Words>> = {
  en: {
    subject: "Your code for {name}",
    lead: "This is your code for {name}:",
    life: "It is good for {minutes} minutes, and once.",
    warning: "Type it only on the page where you asked for it. Nobody from {name} will ever ask you for it.",
    ignore: "If you did not ask for it, you need do nothing: without the code nothing happens.",
    sms: "{code} is your code for {name}. Good for {minutes} minutes. Do not pass it on.",
  },
  de: {
    subject: "Ihr Code für {name}",
    lead: "Das ist Ihr Code für {name}:",
    life: "Er gilt {minutes} Minuten lang und nur einmal.",
    warning: "Geben Sie ihn nur auf der Seite ein, auf der Sie ihn angefordert haben. Niemand von {name} wird Sie je danach fragen.",
    ignore: "Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun: Ohne den Code geschieht nichts.",
    sms: "{code} ist Ihr Code für {name}. Er gilt {minutes} Minuten. Geben Sie ihn nicht weiter.",
  },
  fr: {
    subject: "Votre code pour {name}",
    lead: "Voici votre code pour {name} :",
    life: "Il est valable {minutes} minutes, et une seule fois.",
    warning: "Ne le saisissez que sur la page où vous l’avez demandé. Personne chez {name} ne vous le demandera jamais.",
    ignore: "Si vous ne l’avez pas demandé, vous n’avez rien à faire : sans le code, il ne se passe rien.",
    sms: "{code} est votre code pour {name}. Valable {minutes} minutes. Ne le communiquez à personne.",
  },
  es: {
    subject: "Su código para {name}",
    lead: "Este es su código para {name}:",
    life: "Vale durante {minutes} minutos y una sola vez.",
    warning: "Escríbalo solo en la página en la que lo pidió. Nadie de {name} se lo pedirá nunca.",
    ignore: "Si no lo pidió, no tiene que hacer nada: sin el código no ocurre nada.",
    sms: "{code} es su código para {name}. Vale {minutes} minutos. No lo comparta.",
  },
};

/** The asker's first language that there are words for, by what the browser says of it (RFC 9110 §12.5.4); English otherwise. */
export function chooseLanguage(acceptLanguage: string | undefined): MessageLanguage {
  const ranked = (acceptLanguage ?? "")
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined);
      return { language: tag.split("-", 1)[0] ?? "", weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => Object.hasOwn(words, language) && weight > 0)
    .sort((one, other) => other.weight - one.weight);
  return (ranked[0]?.language ?? "en") as MessageLanguage;
}
