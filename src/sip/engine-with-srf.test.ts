import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { createEngine, type LocalEngine } from './engine.ts';
import { DEFAULT_ENGINE_OPTIONS } from './engine-options.ts';
import {
  connectSrf,
  leave,
  next,
  type SrfClient,
  type SrfDialog,
  type SrfRequest,
  type SrfResponse,
} from './testing/srf-client.ts';

/** Vitest gives up after a second, which a busy machine may need. */
const WAIT = { timeout: 10_000 };

const contained: unknown[] = [];
let dialerEngine: LocalEngine;
let carrierEngine: LocalEngine;
let dialer: SrfClient;
let carrier: SrfClient;
let carrierUri: string;

beforeEach(async () => {
  contained.length = 0;
  // Nothing is lost on loopback, and no test waits for a time-out: with so long a T1 nothing is sent twice on a busy machine.
  const options = {
    ...DEFAULT_ENGINE_OPTIONS,
    timers: { t1Ms: 2_000, t2Ms: 4_000, t4Ms: 5_000 },
    applicationGraceMs: 50,
  };
  dialerEngine = await createEngine(options, (thrown) => contained.push(thrown));
  carrierEngine = await createEngine(options, (thrown) => contained.push(thrown));
  dialer = await connectSrf(dialerEngine);
  carrier = await connectSrf(carrierEngine);
  carrierUri = `sip:+393331234567@127.0.0.1:${carrierEngine.listening[0]?.split(':')[1]}`;
});

afterEach(async () => {
  leave(dialer);
  leave(carrier);
  await Promise.all([dialerEngine.stop(), carrierEngine.stop()]);
  expect(contained).toEqual([]);
});

/** A call that is up, seen from both ends. */
async function call(options: object = {}): Promise<{ uac: SrfDialog; uas: SrfDialog; invite: SrfRequest }> {
  let answered: (value: { uas: SrfDialog; invite: SrfRequest }) => void;
  const answer = new Promise<{ uas: SrfDialog; invite: SrfRequest }>((resolve) => {
    answered = resolve;
  });
  carrier.invite(async (req, res) => {
    res.send(180);
    answered({ uas: await carrier.createUAS(req, res, { localSdp: 'v=0\r\ncarrier' }), invite: req });
  });
  const uac = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\ndialer', callingNumber: '1001', ...options });
  return { uac, ...(await answer) };
}

describe('drachtio-srf on the embedded engine', () => {
  it('sets a call up, both ends knowing the same tags, SDP and dialog id', async () => {
    const { uac, uas, invite } = await call({ headers: { 'X-Foo': 'bar', Subject: 'é' } });
    expect(uac.id).toBe(`${uac.sip.callId};from-tag=${uac.sip.localTag}`);
    expect(uas.id).toBe(uac.id);
    expect(uas.sip).toEqual({ callId: uac.sip.callId, localTag: uac.sip.remoteTag, remoteTag: uac.sip.localTag });
    expect(uac.remote.sdp).toBe('v=0\r\ncarrier');
    expect(uas.remote.sdp).toBe('v=0\r\ndialer');
    expect(invite.get('X-Foo')).toBe('bar');
    expect(invite.get('Subject')).toBe('é');
    expect(invite.get('Content-Type')).toBe('application/sdp');
    expect(invite.callingNumber).toBe('1001');
    expect(invite.source_address).toBe('127.0.0.1');
    expect(`udp/127.0.0.1:${invite.source_port}`).toBe(dialerEngine.listening[0]);
    expect(uac.local.contact).toContain(dialerEngine.listening[0]?.slice(4));
  });

  it('hangs up from either end', async () => {
    const first = await call();
    const uasEnded = next(first.uas, 'destroy');
    await first.uac.destroy();
    await uasEnded;
    expect([dialerEngine.stats().dialogs, carrierEngine.stats().dialogs]).toEqual([0, 0]);
  });

  it('hangs up from the called end, which waits for the ACK with its BYE', async () => {
    const { uac, uas } = await call();
    const uacEnded = next(uac, 'destroy');
    await uas.destroy();
    await uacEnded;
    expect(carrierEngine.stats().dialogs).toBe(0);
  });

  it('carries INFO with a body in UTF-8 whatever Content-Length the client claims', async () => {
    const { uac, uas } = await call();
    uas.on('info', ((req: SrfRequest, res: SrfResponse) => {
      expect(req.body).toBe('perché');
      res.send(202, { headers: { 'X-Answer': 'è' } });
    }) as never);
    const res = await uac.request({ method: 'INFO', headers: { 'Content-Type': 'text/plain' }, body: 'perché' });
    expect(res.status).toBe(202);
    expect(res.get('X-Answer')).toBe('è');
  });

  it('changes the media by re-INVITE in both directions', async () => {
    const { uac, uas } = await call();
    const accept = (sdp: string) => ((_req: SrfRequest, res: SrfResponse) => res.send(200, { body: sdp })) as never;
    uas.on('modify', accept('v=0\r\ncarrier-2'));
    uac.on('modify', accept('v=0\r\ndialer-2'));
    expect(await uac.modify('v=0\r\ndialer-1')).toBe('v=0\r\ncarrier-2');
    expect(await uas.modify('v=0\r\ncarrier-1')).toBe('v=0\r\ndialer-2');
    expect(await uac.modify('v=0\r\ndialer-3')).toBe('v=0\r\ncarrier-2');
    await uac.destroy();
    expect(carrierEngine.stats().retransmitted).toBe(0);
  });

  it.each([486, 404, 503, 603])('hands on a refusal with %i', async (status) => {
    carrier.invite((_req, res) => res.send(status, { headers: { Reason: 'Q.850;cause=17' } }));
    const failure = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' }).catch((error) => error);
    expect(failure.status).toBe(status);
    expect(failure.res.get('Reason')).toBe('Q.850;cause=17');
    expect(dialerEngine.stats().dialogs).toBe(0);
  });

  it('answers a digest challenge within the same call', async () => {
    const attempts: [string, string, string][] = [];
    carrier.invite((req, res) => {
      attempts.push([req.get('Call-ID'), req.get('From'), req.get('CSeq')]);
      if (attempts.length === 1) {
        res.send(407, {
          headers: { 'Proxy-Authenticate': 'Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"' },
        });
        return;
      }
      expect(req.get('Proxy-Authorization')).toContain('username="brusio"');
      void carrier.createUAS(req, res, { localSdp: 'v=0\r\n' });
    });
    const auth = { username: 'brusio', password: 'secret' };
    const uac = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n', callingNumber: '1001', auth });
    const [first, second] = attempts;
    expect(second?.slice(0, 2)).toEqual(first?.slice(0, 2));
    expect(Number.parseInt(second?.[2] ?? '', 10)).toBe(Number.parseInt(first?.[2] ?? '', 10) + 1);
    await uac.destroy();
  });

  it('takes every 2xx for an answer: 202 reaches drachtio-srf as 200', async () => {
    carrier.invite((_req, res) => res.send(202, { body: 'v=0\r\nc' }));
    const uac = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' });
    expect(uac.remote.sdp).toBe('v=0\r\nc');
    await uac.destroy();
  });

  it('cancels a ringing call: the callee hears it, the caller gets 487', async () => {
    const cancelled = new Promise<SrfRequest>((resolve) => {
      carrier.invite((req, res) => {
        req.on('cancel', resolve as never);
        res.send(180);
      });
    });
    const failure = await dialer
      .createUAC(
        carrierUri,
        { localSdp: 'v=0\r\n' },
        {
          cbRequest: (_error: unknown, req: SrfRequest) =>
            req.on('response', ((res: SrfResponse) => {
              if (res.status === 180) req.cancel();
            }) as never),
        },
      )
      .catch((error) => error);
    expect(failure.status).toBe(487);
    expect((await cancelled).method).toBe('CANCEL');
    expect(carrierEngine.stats().dialogs).toBe(0);
  });

  it('says 503 when nobody asked for INVITE, and answers OPTIONS itself', async () => {
    const failure = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' }).catch((error) => error);
    expect(failure.status).toBe(503);
    const options = await dialer.request(carrierUri, { method: 'OPTIONS' });
    const res = await next<SrfResponse>(options, 'response');
    expect(res.status).toBe(200);
    expect(res.get('Allow')).toContain('INVITE');
  });

  it('keeps a call that comes before its application, and hands it on when that is there', async () => {
    const told: string[] = [];
    const starting = await createEngine(
      { ...DEFAULT_ENGINE_OPTIONS, startHoldMs: 60_000 },
      (thrown) => contained.push(thrown),
      systemClock,
      { onNotice: (_level, message) => told.push(message) },
    );
    const uri = `sip:+393331234567@127.0.0.1:${starting.listening[0]?.split(':')[1]}`;
    const placed = dialer.createUAC(uri, { localSdp: 'v=0\r\ndialer' });
    while (dialerEngine.stats().sent === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    const late = await connectSrf(starting);
    late.invite((req, res) => void late.createUAS(req, res, { localSdp: 'v=0\r\nlate' }));
    expect((await placed).remote.sdp).toContain('late');
    expect(told).toEqual(['messages that came while the application was starting: 1']);
    leave(late);
    await starting.stop();
  });

  it('says 503 soon when nobody listens where a call goes', async () => {
    const closed = createSocket('udp4');
    await new Promise<void>((resolve) => closed.bind(0, '127.0.0.1', resolve));
    const { port } = closed.address();
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const failure = await dialer.createUAC(`sip:a@127.0.0.1:${port}`, { localSdp: 'v=0\r\n' }).catch((error) => error);
    expect(failure.status).toBe(503);
    expect(dialerEngine.stats().retransmitted).toBe(1);
  });

  it('refuses what it cannot send, in words that applications know', async () => {
    const refusal = (uri: string, options: object) =>
      dialer.request(uri, options).then(
        () => 'sent',
        (error) => error.message,
      );
    const self = dialerEngine.listening[0]?.slice(4);
    expect(await refusal('sip:a@127.0.0.1;transport=tls', { method: 'OPTIONS' })).toBe(
      'requested protocol/transport not available',
    );
    expect(await refusal(`sip:a@${self}`, { method: 'OPTIONS' })).toBe('can not send request to myself');
    expect(await refusal('tel:+39333', { method: 'OPTIONS' })).toBe('Error creating sip transaction for uac request');
    expect(await refusal('sip:a@', { method: 'OPTIONS' })).toBe('invalid request-uri: OPTIONS sip:a@ SIP/2.0');
    expect(await refusal(carrierUri, { method: 'MESSAGE', body: 'hello' })).toBe('missing content-type');
  });

  it('connects two calls back to back and relays early media, answer and hang-up', async () => {
    const middle = await createEngine(DEFAULT_ENGINE_OPTIONS, (thrown) => contained.push(thrown));
    const b2bua = await connectSrf(middle);
    carrier.invite((req, res) => {
      res.send(183, { body: 'v=0\r\nearly' });
      void carrier.createUAS(req, res, { localSdp: 'v=0\r\ncarrier' });
    });
    b2bua.invite(async (req, res) => {
      const { uas, uac } = await b2bua.createB2BUA(req, res, carrierUri, { proxyRequestHeaders: ['X-Foo'] });
      uas.on('destroy', () => void uac.destroy());
      uac.on('destroy', () => void uas.destroy());
    });
    const statuses: number[] = [];
    const uac = await dialer.createUAC(
      `sip:+39@${middle.listening[0]?.slice(4)}`,
      { localSdp: 'v=0\r\ndialer', headers: { 'X-Foo': '1' } },
      {
        cbProvisional: (res: SrfResponse) => statuses.push(res.status),
      },
    );
    expect(uac.remote.sdp).toBe('v=0\r\ncarrier');
    expect(statuses).toEqual([183]);
    await uac.destroy();
    leave(b2bua);
    await middle.stop();
  });

  it('rings reliably: drachtio-srf acknowledges with PRACK on one end and hears it on the other (RFC 3262)', async () => {
    const pracks: string[] = [];
    carrier.invite((req, res) => {
      const options = { headers: { Require: '100rel' }, body: 'v=0\r\nearly' };
      const heardPrack = ((prack: SrfRequest) => {
        pracks.push(prack.get('RAck'));
        void carrier.createUAS(req, res, { localSdp: 'v=0\r\ncarrier' });
      }) as never;
      // Its last argument is called when the PRACK is in.
      (res.send as (...args: unknown[]) => void).call(res, 183, options, undefined, heardPrack);
    });
    const provisionals: [number, string][] = [];
    const uac = await dialer.createUAC(
      carrierUri,
      { localSdp: 'v=0\r\n', headers: { Supported: '100rel' } },
      { cbProvisional: (res: SrfResponse) => provisionals.push([res.status, res.get('RSeq')]) },
    );
    expect(provisionals).toHaveLength(1);
    expect(pracks).toEqual([`${provisionals[0]?.[1]} ${pracks[0]?.split(' ').slice(1).join(' ')}`]);
    expect(dialerEngine.stats().repeatedProvisionals + carrierEngine.stats().retransmitted).toBe(0);
    await uac.destroy();
    expect(dialerEngine.stats().dialogs).toBe(0);
  });

  it('refuses a reliable response to a peer without 100rel, in drachtio-server’s words', async () => {
    const refusal = new Promise((resolve) => {
      carrier.invite((_req, res) => {
        res.send(183, { headers: { Require: '100rel' } }, (error) => {
          resolve(error);
          res.send(486);
        });
      });
    });
    const failure = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' }).catch((error) => error);
    expect(await refusal).toBe('Remote endpoint does not support 100rel');
    expect(failure.status).toBe(486);
  });

  it('spreads new calls over several applications; what follows in a call goes to its own', async () => {
    const second = await connectSrf(carrierEngine);
    const heard: string[] = [];
    for (const [name, srf] of [
      ['first', carrier],
      ['second', second],
    ] as const) {
      srf.invite(async (req, res) => {
        const uas = await srf.createUAS(req, res, { localSdp: 'v=0\r\n' });
        uas.on('destroy', () => heard.push(`${name} destroyed`));
        heard.push(name);
      });
    }
    for (let index = 0; index < 4; index++) {
      const uac = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' });
      await vi.waitFor(() => expect(heard).toHaveLength(2 * index + 1), WAIT);
      await uac.destroy();
      await vi.waitFor(() => expect(heard).toHaveLength(2 * index + 2), WAIT);
    }
    const order = heard.filter((line) => !line.includes(' '));
    expect(order.filter((name) => name === 'first')).toHaveLength(2);
    expect(heard.filter((line) => line.includes('destroyed')).map((line) => line.split(' ')[0])).toEqual(order);
    leave(second);
  });

  it('reports calls to an application that routed call detail records', async () => {
    const records: string[] = [];
    const cdr = (kind: string) =>
      ((source: string, _time: string, detail: unknown) =>
        records.push(`${kind} ${source}${typeof detail === 'string' ? ` ${detail}` : ''}`)) as never;
    for (const kind of ['attempt', 'start', 'stop']) carrier.on(`cdr:${kind}`, cdr(kind));
    const { uac } = await call();
    await uac.destroy();
    await vi.waitFor(() => expect(records).toHaveLength(3), WAIT);
    expect(records).toEqual(['attempt network', 'start application uas', 'stop network normal-release']);
  });

  it('ends live calls and refuses pending ones when its application goes away', async () => {
    const { uac } = await call();
    const ended = next(uac, 'destroy');
    leave(carrier);
    await ended;
    const failure = await dialer.createUAC(carrierUri, { localSdp: 'v=0\r\n' }).catch((error) => error);
    expect(failure.status).toBe(503);
  });

  it('ends live calls when it is stopped', async () => {
    const { uac } = await call();
    const ended = next(uac, 'destroy');
    await carrierEngine.stop();
    await ended;
    expect(dialerEngine.stats().dialogs).toBe(0);
  });

  it('sends the BYE of an earlier life with the tags, CSeq and route that the application kept', async () => {
    const peer = createSocket('udp4');
    await new Promise<void>((resolve) => peer.bind(0, '127.0.0.1', resolve));
    const received = new Promise<string>((resolve) => peer.once('message', (octets) => resolve(octets.toString())));
    const bye = await dialer.request('sip:callee@192.0.2.9', {
      method: 'BYE',
      headers: {
        'Call-ID': 'journalled@x',
        CSeq: '4711 BYE',
        From: '<sip:us@192.0.2.1>;tag=ours',
        To: '<sip:them@192.0.2.2>;tag=theirs',
        Route: `<sip:127.0.0.1:${peer.address().port};lr>`,
      },
    });
    const text = await received;
    expect(text).toMatch(/^BYE sip:callee@192\.0\.2\.9 SIP\/2\.0\r\n/);
    expect(text).toContain(`\r\nRoute: <sip:127.0.0.1:${peer.address().port};lr>\r\n`);
    expect(text).toContain('\r\nFrom: <sip:us@192.0.2.1>;tag=ours\r\nTo: <sip:them@192.0.2.2>;tag=theirs\r\n');
    expect(text).toContain('\r\nCall-ID: journalled@x\r\nCSeq: 4711 BYE\r\n');
    const answered = next<SrfResponse>(bye, 'response');
    const copied = /^((Via|From|To|Call-ID|CSeq): .*\r\n)+/gm;
    peer.send(
      `SIP/2.0 481 Gone\r\n${(text.match(copied) ?? []).join('')}\r\n`,
      Number(dialerEngine.listening[0]?.split(':')[1]),
      '127.0.0.1',
    );
    expect((await answered).status).toBe(481);
    peer.close();
  });
});
