/** The alphabetic codes of ISO 4217 as the runtime knows them, which includes those of past currencies. */
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export function isCurrency(code: string): boolean {
  return currencies.has(code);
}
