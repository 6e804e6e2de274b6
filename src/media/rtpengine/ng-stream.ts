/** Cuts what a connection brings into messages: nothing but the messages' own form says where one ends. */
import { NG_MESSAGE_OCTETS_MAX, type NgAnswer, readNgMessageAt } from './ng-message.ts';

/** The part of a connection that is read and not yet understood. */
export class NgStream {
  #rest: Buffer = Buffer.alloc(0);

  /** The answers that are whole now; null when the connection cannot be followed any further and must be closed. */
  take(octets: Buffer): readonly NgAnswer[] | null {
    const all = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    const answers: NgAnswer[] = [];
    let at = 0;
    while (at < all.length) {
      const read = readNgMessageAt(all, at);
      if (read.type === 'malformed') return null;
      if (read.type === 'incomplete') break;
      answers.push(read.answer);
      at = read.endsAt;
    }
    this.#rest = all.subarray(at);
    return this.#rest.length > NG_MESSAGE_OCTETS_MAX ? null : answers;
  }
}
