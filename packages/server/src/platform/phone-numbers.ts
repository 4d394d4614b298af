/** A phone number that can take a text message. */
export interface MobileNumber {
  /** E.164. */
  readonly number: string;
  /** ISO 3166; null for numbers that belong to no country. */
  readonly country: string | null;
}

/** Reads what somebody typed, `defaultCountry` being where they are; null for what is no mobile number. */
export async function readMobileNumber(typed: string, defaultCountry: string | undefined): Promise<MobileNumber | null> {
  // A hundred kilobytes of numbering plans, which a service without text messages never reads.
  const { isSupportedCountry, parsePhoneNumberFromString } = await import("libphonenumber-js/mobile");
  const country = defaultCountry !== undefined && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  const parsed = parsePhoneNumberFromString(typed, { ...(country === undefined ? {} : { defaultCountry: country }), extract: false });
  if (parsed === undefined || !parsed.isValid() || parsed.ext !== undefined) return null;
  return { number: parsed.number, country: parsed.country ?? null };
}
