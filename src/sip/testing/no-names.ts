import { type NameServer, NO_ANSWER } from '../transport/name-server.ts';

/** A name server by which every name leads nowhere: no test asks the machine's. */
export const NO_NAMES: NameServer = {
  naptr: () => Promise.resolve(NO_ANSWER),
  srv: () => Promise.resolve(NO_ANSWER),
  addresses: () => Promise.resolve(NO_ANSWER),
};
