import { describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import { NgClient, REQUESTS_PENDING_MAX, RESEND_FIRST_MS } from './ng-client.ts';
import { readNgMessage } from './ng-message.ts';
import type { NgTransportHandlers } from './ng-transport.ts';

const TIMEOUT_MS = 1500;

/** A client whose transport is the test. */
function bench() {
  const clock: FakeClock = fakeClock();
  const sent: { readonly atMs: number; readonly cookie: string; readonly text: string }[] = [];
  const heard: string[] = [];
  let wire: NgTransportHandlers | null = null;
  const client = new NgClient({
    open: (handlers) => {
      wire = handlers;
      return {
        send: (message) =>
          sent.push({
            atMs: clock.monotonicMs(),
            cookie: message.toString().split(' ')[0] ?? '',
            text: message.toString(),
          }),
        close: () => heard.push('closed'),
      };
    },
    clock,
    timeoutMs: TIMEOUT_MS,
    cookiePrefix: 'k',
    onHeard: () => heard.push('heard'),
    onUnanswered: (sentAt) => heard.push(`unanswered since ${sentAt}`),
  });
  const answer = (text: string) => {
    const read = readNgMessage(Buffer.from(text));
    if (read === null) wire?.onMalformed();
    else wire?.onAnswer(read);
  };
  const problem = (text: string) => wire?.onProblem(text);
  return { client, clock, sent, heard, answer, problem };
}

describe('a request', () => {
  it('is a cookie, a blank and a dictionary, and gets the answer that has its cookie', async () => {
    const { client, sent, answer, clock } = bench();
    const first = client.ask({ command: 'ping' });
    const second = client.ask({ command: 'ping' });
    expect(sent.map(({ text }) => text)).toEqual(['k1 d7:command4:pinge', 'k2 d7:command4:pinge']);
    answer('k2 d1:n1:26:result4:ponge');
    answer('k1 d1:n1:16:result4:ponge');
    expect([(await first).n, (await second).n]).toEqual(['1', '2']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('is sent again with the same cookie, twice as late each time, until its answer', async () => {
    const { client, clock, sent, answer } = bench();
    const asked = client.ask({ command: 'ping' });
    clock.advance(RESEND_FIRST_MS * 7);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 100, 300, 700]);
    expect(new Set(sent.map(({ cookie }) => cookie)).size).toBe(1);
    answer('k1 d6:result4:ponge');
    await expect(asked).resolves.toMatchObject({ result: 'pong' });
    clock.advance(TIMEOUT_MS);
    expect(sent).toHaveLength(4);
    expect(client.counts()).toMatchObject({ requests: 1, resent: 3, unanswered: 0 });
  });

  it('ends without an answer at its time, with what the transport said of it', async () => {
    const { client, clock, heard, problem } = bench();
    const asked = client.ask({ command: 'ping' });
    problem('connection refused');
    clock.advance(TIMEOUT_MS - 1);
    expect(heard).toEqual([]);
    clock.advance(1);
    await expect(asked).rejects.toMatchObject({
      code: 'rtpengine.unanswered',
      message: 'no answer within 1500 ms (connection refused)',
    });
    expect(heard).toEqual(['unanswered since 0']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('may end earlier than the others', async () => {
    const { client, clock } = bench();
    const asked = client.ask({ command: 'query' }, 250);
    clock.advance(250);
    await expect(asked).rejects.toMatchObject({ code: 'rtpengine.unanswered' });
  });

  it('is rejected with rtpengine’s reason, or its result where it gives none', async () => {
    const { client, answer, heard } = bench();
    const unknown = client.ask({ command: 'query' });
    const limited = client.ask({ command: 'offer' });
    answer('k1 d6:result5:error12:error-reason15:Unknown call-ide');
    answer('k2 d6:result10:load limite');
    await expect(unknown).rejects.toMatchObject({ code: 'rtpengine.refused', message: 'Unknown call-id' });
    await expect(limited).rejects.toMatchObject({ code: 'rtpengine.refused', message: 'load limit' });
    expect(heard).toEqual(['heard', 'heard']);
    expect(client.counts().refused).toBe(2);
  });

  it('fails at once when too many wait', async () => {
    const { client } = bench();
    for (let n = 0; n < REQUESTS_PENDING_MAX; n += 1) client.ask({ command: 'ping' }).catch(() => undefined);
    await expect(client.ask({ command: 'ping' })).rejects.toMatchObject({ code: 'rtpengine.busy' });
    client.close();
  });

  it('is rejected when the client closes', async () => {
    const { client, clock, heard } = bench();
    const asked = client.ask({ command: 'ping' });
    client.close();
    await expect(asked).rejects.toMatchObject({ code: 'rtpengine.closed' });
    expect(heard).toEqual(['closed']);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('what else may come', () => {
  it('counts a repeated and a late answer, and takes neither for another request’s', async () => {
    const { client, clock, answer } = bench();
    const first = client.ask({ command: 'ping' });
    answer('k1 d6:result4:ponge');
    answer('k1 d6:result4:ponge');
    await first;
    const second = client.ask({ command: 'ping' });
    clock.advance(TIMEOUT_MS);
    answer('k2 d6:result4:ponge');
    await expect(second).rejects.toMatchObject({ code: 'rtpengine.unanswered' });
    expect(client.counts().unexpected).toBe(2);
  });

  it.each([
    ['nothing', ''],
    ['no cookie', ' d6:result4:ponge'],
    ['no dictionary', 'k1 l6:result4:ponge'],
    ['a part of an answer', 'k1 d6:result4:pon'],
    ['more than an answer', 'k1 d6:result4:pongex'],
    ['a cookie without end', 'k'.repeat(100)],
  ])('drops %s and counts it', async (_what, text) => {
    const { client, answer } = bench();
    const asked = client.ask({ command: 'ping' });
    answer(text);
    expect(client.counts().malformed).toBe(1);
    answer('k1 d6:result4:ponge');
    await expect(asked).resolves.toMatchObject({ result: 'pong' });
  });
});
