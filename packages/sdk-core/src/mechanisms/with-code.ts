/** The body of a call that enters: the access code that opened the way, where one did. */
export const withCode = (accessCode: string | undefined): { readonly body?: { readonly accessCode: string } } =>
  accessCode === undefined ? {} : { body: { accessCode } };
