/**
 * Telephone numbers: E.164 inside (ITU-T E.164, RFC 3966 §5.1.4 global numbers), the dialer's way in, the carrier's way
 * out. What is not a telephone number passes unchanged.
 */

/** How numbers without a country code are read and written. */
export type NumberPlan = {
  /** Country code that a national number means, `39`; null: such numbers stay as they are. */
  readonly countryCode: string | null;
  /** Dialled before a country code. */
  readonly internationalPrefix: string;
  /** Dialled before a national number and no part of it; Italy has none, its leading 0 is part of the number. */
  readonly trunkPrefix: string;
};

/** How a carrier wants numbers. */
export const NUMBER_FORMATS = ['unchanged', 'plus', 'digits', 'international-prefix', 'national'] as const;

/** `unchanged`, +39…, 39…, 0039…, or national (no country code) for the plan's own country and 00… for all others. */
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

/** RFC 3966 §3 visual separators. */
const VISUAL_SEPARATORS = /[-.()]/g;

/** E.164 §6.2.1: at most 15 digits. Fewer than these are service numbers, which have no country code. */
const E164 = /^\+\d{5,15}$/;
const SERVICE_NUMBER_DIGITS_MAX = 6;

/** A number as it was dialled, visual separators gone; anything else (a name, an extension) as it is. */
export function withoutSeparators(dialled: string): string {
  const bare = dialled.replace(VISUAL_SEPARATORS, '');
  return /^\+?[\d*#a-d]+$/i.test(bare) && /\d/.test(bare) ? bare : dialled;
}

/**
 * `+` and digits for every number that the plan can place; what it cannot (a name, a service number, a national number
 * without a country) comes back without separators.
 *
 * @param context RFC 3966 §5.1.5 `phone-context` of a local number: a global prefix such as `+39`, or null
 */
export function toE164(dialled: string, plan: NumberPlan, context: string | null = null): string {
  const number = withoutSeparators(dialled);
  if (number.startsWith('+') || !/^\d+$/.test(number)) return number;
  const prefix = withoutSeparators(context ?? '');
  if (/^\+\d{1,14}$/.test(prefix)) return `${prefix}${number}`;
  const { countryCode, internationalPrefix, trunkPrefix } = plan;
  if (countryCode === null) return number;
  if (internationalPrefix !== '' && number.startsWith(internationalPrefix)) {
    const global = `+${number.slice(internationalPrefix.length)}`;
    return E164.test(global) ? global : number;
  }
  if (number.length <= SERVICE_NUMBER_DIGITS_MAX) return number;
  const national = trunkPrefix !== '' && number.startsWith(trunkPrefix) ? number.slice(trunkPrefix.length) : number;
  return `+${countryCode}${national}`;
}

/**
 * The plan by which numbers are digested: where the settings name no country, that of the law. A call's dialling is not
 * touched by it, but a lock or a cleared number is found however the number was written.
 */
export function digestPlan(plan: NumberPlan, lawCountryCode: string): NumberPlan {
  return plan.countryCode === null ? { ...plan, countryCode: lawCountryCode } : plan;
}

/** Whether it is `+` and digits, as many as a telephone number anywhere has. */
export function isE164(number: string): boolean {
  return E164.test(number);
}

/** A number as a carrier wants it. One that is not E.164 passes unchanged: nothing is guessed. */
export function formatted(number: string, format: NumberFormat, plan: NumberPlan): string {
  if (format === 'unchanged' || !isE164(number)) return number;
  const digits = number.slice(1);
  switch (format) {
    case 'plus':
      return number;
    case 'digits':
      return digits;
    case 'international-prefix':
      return `${plan.internationalPrefix}${digits}`;
    case 'national':
      return plan.countryCode !== null && digits.startsWith(plan.countryCode)
        ? `${plan.trunkPrefix}${digits.slice(plan.countryCode.length)}`
        : `${plan.internationalPrefix}${digits}`;
  }
}

/** Every way in which this plan lets a number be written, E.164 first; what is not E.164 has one. */
export function spellingsOf(number: string, plan: NumberPlan): readonly string[] {
  const national = plan.countryCode === null ? number : number.replace(`+${plan.countryCode}`, '');
  return [...new Set([number, national, ...NUMBER_FORMATS.map((format) => formatted(number, format, plan))])];
}

/** Whether it can be a telephone number: what a typing error makes is not looked for. */
export function isTelephoneNumber(written: string): boolean {
  return /^\+?[\d\s().-]{5,32}$/.test(written) && /\d{5}/.test(written.replace(/\D/g, ''));
}
