/** What a name server is asked and answers (RFC 3263 §4), so that the arithmetic over it needs no network. */

/** RFC 3403 §4.1. */
export type NaptrRecord = {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
};

/** RFC 2782. */
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
};

/** An answer: `records` may be none. `failed`: nobody answered, so that nothing is known. */
export type Answer<Item> = { readonly records: readonly Item[]; readonly ttlS: number; readonly failed: boolean };

/** Never rejects. */
export type NameServer = {
  naptr(domain: string): Promise<Answer<NaptrRecord>>;
  srv(name: string): Promise<Answer<SrvRecord>>;
  addresses(name: string, family: 4 | 6): Promise<Answer<string>>;
};

/** Nothing there. */
export const NO_ANSWER: Answer<never> = { records: [], ttlS: 0, failed: false };

/** Nobody answered. */
export const FAILED_ANSWER: Answer<never> = { records: [], ttlS: 0, failed: true };
