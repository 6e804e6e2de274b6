/** Whether a carrier is up, from its answers to OPTIONS, with hysteresis: one lost packet is not an outage. */

/** How many answers in a row change the verdict. */
export type HealthRules = {
  /** Unanswered in a row until it is down. */
  readonly failMax: number;
  /** Answered in a row until it is up again. */
  readonly riseMin: number;
};

/** The verdict, and how many answers in a row speak against it. */
export type CarrierHealth = { readonly up: boolean; readonly against: number };

/** Nobody was asked yet: taken to be up. */
export const NEW_HEALTH: CarrierHealth = { up: true, against: 0 };

/** The verdict after one more answer. */
export function healthAfter(health: CarrierHealth, alive: boolean, rules: HealthRules): CarrierHealth {
  if (alive === health.up) return { up: health.up, against: 0 };
  const against = health.against + 1;
  const needed = health.up ? rules.failMax : rules.riseMin;
  return against >= needed ? { up: alive, against: 0 } : { up: health.up, against };
}
