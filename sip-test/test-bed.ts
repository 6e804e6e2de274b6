/**
 * What every scenario needs, started once per test file: Brusio, the webhook's receiver, and for each call a SIPp and
 * an RTP end on either side.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { OutcomeRecord } from '../src/policy/outcome-record.ts';
import { metricSum } from './brusio-api.ts';
import { BrusioProcess } from './brusio-process.ts';
import { CARRIER, DIALER_ADDRESS, type Endpoint, loopback, TARGET } from './engine-under-test.ts';
import { RtpEndpoint } from './rtp-endpoint.ts';
import { header, type SipTrace } from './sip-trace.ts';
import { killSipp, SippRun } from './sipp.ts';
import { WebhookListener } from './webhook-listener.ts';

/** The number every dialer shows, unless a test says otherwise. */
export const CALLER_ID = '+390212345678';

/** The one scenario that expects the same message, an ACK, twice. */
const CARRIER_ANSWERS_TWICE = 'carrier-answers-twice';

/** Values of a scenario's `[keys]`. */
type ScenarioKeys = Readonly<Record<string, string>>;

/** One call, or several of a kind at once, between a dialer's and a carrier's scenario. */
export type CallOptions = {
  readonly dialer: string;
  readonly carrier: string;
  /** Header lines added to the dialer's INVITE. */
  readonly inviteHeaders?: readonly string[];
  /** Header lines added to the dialer's BYE. */
  readonly byeHeaders?: readonly string[];
  /** Further keys of the dialer's scenario; a function where they depend on where its RTP is. */
  readonly dialerKeys?: ScenarioKeys | ((rtp: RtpEndpoint) => ScenarioKeys);
  /** The same for the carrier's. */
  readonly carrierKeys?: ScenarioKeys;
  readonly callIdPrefix?: string;
  readonly dialerSide?: Side;
  readonly carrierSide?: Side;
};

/** Where and how one end talks; what is left out is as everywhere. */
export type Side = {
  readonly transport?: 'udp' | 'tcp';
  readonly local?: Endpoint;
  /** Where the dialer's INVITE goes. */
  readonly remote?: Endpoint;
  /** Where its audio is. */
  readonly rtpAddress?: string;
};

/** A call that is under way. */
export type LiveCall = {
  readonly dialerCallId: string;
  readonly number: string;
  readonly dialer: SippRun;
  readonly carrier: SippRun;
  readonly dialerRtp: RtpEndpoint;
  readonly calleeRtp: RtpEndpoint;
  /** Waits for both ends and the webhook, and checks what holds for every call. */
  ended(): Promise<EndedCall>;
};

/** A call that is over. */
export type EndedCall = {
  readonly dialer: SipTrace;
  readonly carrier: SipTrace;
  readonly outcome: OutcomeRecord;
};

/** Everything around the calls of one test file. */
export class TestBed {
  readonly brusio: BrusioProcess;
  readonly webhooks: WebhookListener;
  readonly #rtp: RtpEndpoint[] = [];
  readonly #numbers: string[] = [CALLER_ID];
  #callsPlaced = 0;

  private constructor(brusio: BrusioProcess, webhooks: WebhookListener) {
    this.brusio = brusio;
    this.webhooks = webhooks;
  }

  /** Starts Brusio with this file's addresses, the given further `BRUSIO_…` variables and settings. */
  static async open(
    environment: Readonly<Record<string, string>> = {},
    settings?: Readonly<Record<string, unknown>>,
  ): Promise<TestBed> {
    const webhooks = await WebhookListener.open(loopback(51));
    const brusio = new BrusioProcess({
      webhook: webhooks,
      environment,
      ...(settings === undefined ? {} : { settings }),
    });
    await brusio.start();
    return new TestBed(brusio, webhooks);
  }

  /** Ends everything, and checks that Brusio went in peace: exit code 0, no error and no number in its log. */
  async close(): Promise<void> {
    killSipp();
    for (const end of this.#rtp) end.close();
    if (this.brusio.alive()) await this.brusio.stop();
    await this.webhooks.close();
    expect(this.brusio.exitCode(), `exit code after SIGTERM\n${this.brusio.output()}`).toBe(0);
    expect(this.brusio.errors(), 'log lines of severity error').toEqual([]);
    expect(this.webhooks.problems, 'webhooks that were wrong').toEqual([]);
    const output = this.brusio.output();
    expect(
      this.#numbers.filter((number) => output.includes(number)),
      'numbers in clear in the log',
    ).toEqual([]);
  }

  /** Resolves when nothing waits to be written: a crash from here on loses nothing that was before. */
  async committed(): Promise<void> {
    while (metricSum(await this.brusio.api.metrics(), /^brusio_store_pending_entries/) !== 0) await sleep(20);
  }

  /** A number nobody was called at before. */
  newNumber(): string {
    this.#callsPlaced += 1;
    const number = `+3933355500${String(this.#callsPlaced).padStart(2, '0')}`;
    this.#numbers.push(number);
    return number;
  }

  /** A new RTP end at an address. */
  async rtpEnd(address: string): Promise<RtpEndpoint> {
    const end = await RtpEndpoint.open(address);
    this.#rtp.push(end);
    return end;
  }

  /** Starts the carrier's scenario; resolves when it listens. */
  async carrier(
    scenario: string,
    rtp: RtpEndpoint,
    calls = 1,
    keys: ScenarioKeys = {},
    side: Side = {},
  ): Promise<SippRun> {
    const run = new SippRun({
      scenario,
      local: side.local ?? CARRIER,
      ...(side.transport === undefined ? {} : { transport: side.transport }),
      remote: null,
      keys: { rtp_address: rtp.address, rtp_port: String(rtp.port), ...keys },
      calls,
      expectsRepetition: scenario === CARRIER_ANSWERS_TWICE,
    });
    await run.listening();
    return run;
  }

  /** Starts the dialer's scenario from a port of its own. */
  dialer(
    scenario: string,
    rtp: RtpEndpoint,
    number: string,
    options: Omit<CallOptions, 'dialer' | 'carrier'> & {
      readonly calls?: number;
      readonly address?: string;
      /** Where the INVITE goes; default: Brusio. */
      readonly remote?: Endpoint;
    } = {},
  ): SippRun {
    const { dialerSide: side = {} } = options;
    const local: Endpoint = side.local ?? {
      address: options.address ?? DIALER_ADDRESS,
      port: 5060 + this.#callsPlaced * 2,
    };
    return new SippRun({
      scenario,
      local,
      remote: options.remote ?? side.remote ?? TARGET,
      ...(side.transport === undefined ? {} : { transport: side.transport }),
      number,
      keys: {
        caller_id: CALLER_ID,
        display_name: 'Dialer',
        rtp_address: rtp.address,
        rtp_port: String(rtp.port),
        more_headers: headerLines(options.inviteHeaders),
        more_bye_headers: headerLines(options.byeHeaders),
        ...(typeof options.dialerKeys === 'function' ? options.dialerKeys(rtp) : options.dialerKeys),
      },
      ...(options.callIdPrefix === undefined ? {} : { callIdPrefix: options.callIdPrefix }),
      ...(options.calls === undefined ? {} : { calls: options.calls }),
    });
  }

  /** Places one call and returns while it is under way. */
  async call(options: CallOptions): Promise<LiveCall> {
    const number = this.newNumber();
    const dialerRtp = await this.rtpEnd(options.dialerSide?.rtpAddress ?? DIALER_ADDRESS);
    const calleeRtp = await this.rtpEnd(options.carrierSide?.rtpAddress ?? CARRIER.address);
    const carrier = await this.carrier(options.carrier, calleeRtp, 1, options.carrierKeys, options.carrierSide);
    const dialer = this.dialer(options.dialer, dialerRtp, number, options);
    const [dialerCallId = ''] = dialer.callIds;
    return {
      dialerCallId,
      number,
      dialer,
      carrier,
      dialerRtp,
      calleeRtp,
      ended: async () => {
        const [dialerTrace, carrierTrace] = await Promise.all([dialer.finished(), carrier.finished()]);
        const outcome = await this.webhooks.outcome(dialerCallId);
        expectOneCall(dialerTrace, carrierTrace, outcome, number);
        return { dialer: dialerTrace, carrier: carrierTrace, outcome };
      },
    };
  }
}

/** What the outcome of any call says of its two legs. */
function expectOneCall(dialer: SipTrace, carrier: SipTrace, outcome: OutcomeRecord, number: string): void {
  expect(carrier.callIds(), 'calls at the carrier').toHaveLength(1);
  expect(outcome.sip).toMatchObject({ carrierCallId: carrier.callIds()[0], carrier: 'primary' });
  expect(outcome.callerId).toBe(CALLER_ID);
  expect(outcome.number, 'the number is masked').not.toContain(number.slice(-7));
  expect(outcome.number.slice(-4)).toBe(number.slice(-4));
  const told = dialer.messages.flatMap((one) =>
    one.direction === 'received' && one.status !== null && one.status >= 180 && one.status < 300
      ? (header(one, 'X-Brusio-Call') ?? [])
      : [],
  );
  expect(new Set(told).size, 'different X-Brusio-Call ids').toBeLessThanOrEqual(1);
  if (told.length > 0) expect(told[0]).toBe(outcome.callId);
}

/** Time enough for packets that should not come. */
const NO_MORE_WITHIN_MS = 100;

/** The callee got every packet of ambience that the outcome counts, and none after the call's end. */
export async function expectAmbienceEnded(call: LiveCall, outcome: OutcomeRecord): Promise<void> {
  await sleep(NO_MORE_WITHIN_MS);
  expect(call.calleeRtp.packets, 'packets of ambience').toHaveLength(outcome.comfortNoise?.packets ?? Number.NaN);
}

function headerLines(lines: readonly string[] = []): string {
  return lines.map((line) => `\r\n${line}`).join('');
}
