import { describe, expect, it } from 'vitest';
import { cdrMessage } from '../control/leader.ts';
import { clientBench } from '../testing/client-bench.ts';
import { serverBench } from '../testing/server-bench.ts';

describe('call detail records (control protocol §1.4)', () => {
  it('of a call that comes in', () => {
    const bench = serverBench();
    const toTag = bench.establish();
    bench.send('BYE', { cseq: 2, toTag });
    expect(bench.station.cdrs).toEqual(['attempt network', 'start application uas', 'stop network normal-release']);
  });

  it('of one that is refused, cancelled or never answered', () => {
    const refused = serverBench();
    refused.send('INVITE');
    refused.respond(refused.lastTransaction(), 486);
    expect(refused.station.cdrs).toEqual(['attempt network', 'stop application call-rejected']);
    const cancelled = serverBench();
    cancelled.send('INVITE');
    cancelled.send('CANCEL', { branch: 'INVITE1' });
    expect(cancelled.station.cdrs).toEqual(['attempt network', 'stop network call-canceled']);
    const forgotten = serverBench();
    forgotten.send('INVITE');
    forgotten.pair.clock.advance(64_000);
    expect(forgotten.station.cdrs.at(-1)).toBe('stop application system-error-initiated-termination');
  });

  it('of a call that goes out', () => {
    const bench = clientBench();
    bench.establish();
    bench.sendWithin('INVITE');
    bench.answer('INVITE', 200);
    bench.ack();
    bench.sendWithin('BYE');
    expect(bench.station.cdrs).toEqual(['attempt application', 'start network uac', 'stop application normal-release']);
  });

  it('of one that is refused, cancelled or meets silence', () => {
    const refused = clientBench();
    refused.send('INVITE');
    refused.answer('INVITE', 404);
    expect(refused.station.cdrs.at(-1)).toBe('stop network call-rejected');
    const cancelled = clientBench();
    const invite = cancelled.send('INVITE');
    cancelled.answer('INVITE', 180);
    cancelled.cancel(invite);
    cancelled.answer('INVITE', 487);
    expect(cancelled.station.cdrs.at(-1)).toBe('stop network call-canceled');
    const silent = clientBench();
    silent.send('INVITE');
    silent.pair.clock.advance(32_000);
    expect(silent.station.cdrs).toEqual(['attempt application', 'stop application call-rejected']);
  });

  it('of ends that the engine brings about, and of crossing BYEs once', () => {
    const expired = serverBench();
    expired.establish({ extra: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] });
    expired.pair.clock.advance(60_000);
    expect(expired.station.cdrs.at(-1)).toBe('stop application session-expired');
    const crossing = serverBench();
    const toTag = crossing.establish();
    crossing.appSends('BYE');
    crossing.send('BYE', { cseq: 2, toTag });
    expect(crossing.station.cdrs.filter((line) => line.startsWith('stop'))).toHaveLength(1);
  });

  it('are frames that drachtio-srf reads', () => {
    expect(cdrMessage('id', 'attempt', 'network', 'T', null, 'INVITE …')).toBe('id|cdr:attempt|network|T\r\nINVITE …');
    expect(cdrMessage('id', 'stop', 'application', 'T', 'normal-release', 'BYE …')).toBe(
      'id|cdr:stop|application|T|normal-release\r\nBYE …',
    );
  });
});
