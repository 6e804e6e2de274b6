/** What a guard is made of in tests: fakes of its ports, and rules that have something of everything. */
import { seededRandom } from '../base/random.ts';
import { type CarrierTerms, createCarrierPool } from '../guard/carrier-pool.ts';
import type { GuardParts } from '../guard/guard.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { WAIT_THEN_DROP } from './call-samples.ts';
import { SILENT_LOG, type Trace } from './fake-ports.ts';

const PRIMARY: CarrierTerms = {
  name: 'primary',
  uri: 'sip:127.0.0.12:5060',
  priority: 0,
  weight: 1,
  campaigns: [],
  callsPerSecondMax: null,
  callsMax: null,
  health: { failMax: 2, riseMin: 2 },
};

/** The parts of a guard over these fakes; what it tells goes into the trace. */
export function sampleGuardParts({
  trace,
  ...given
}: Pick<GuardParts, 'clock' | 'media' | 'store' | 'signaling' | 'agentSources'> & {
  readonly trace: Trace;
}): GuardParts {
  return {
    ...given,
    log: SILENT_LOG,
    clockWatch: { state: () => null },
    rulings: null,
    outcomeWebhooks: (record, callId) => [
      { id: 'msg_1', callId, type: 'call.outcome', endpoint: 'crm', body: JSON.stringify(record) },
    ],
    correctionWebhooks: ({ sequence }, callId) => [
      { id: `msg_${sequence}`, callId, type: 'call.outcome_corrected', endpoint: 'crm', body: '{}' },
    ],
    jurisdictionOf: () => italy,
    ownerOf: () => ({ controller: 'acme', lockScope: 'acme' }),
    digestsOf: (number) => [`digest of ${number}`],
    rules: {
      connectOf: () => WAIT_THEN_DROP,
      announcementOf: () => null,
      carriers: createCarrierPool([PRIMARY], given.clock, seededRandom(1), SILENT_LOG),
      callsMax: 2,
      defaultCampaign: 'default',
      isCampaignKnown: (campaign) => campaign !== 'unknown',
      dialers: [
        { name: 'limited', callsPerSecondMax: 2, callsMax: 1, nat: true, teardown: 'enforce' },
        { name: 'watched', callsPerSecondMax: null, callsMax: null, nat: false, teardown: 'observe' },
      ],
      natCarriers: new Set(),
      silenceEnds: false,
      inbound: [
        { prefix: '+3902', uri: 'sip:pbx.example', nat: false },
        { prefix: '+39029', uri: 'sip:home.example', nat: true },
      ],
      callerRanges: [{ prefix: '+390299', kind: 'manual' }],
      numberPlan: { countryCode: null, internationalPrefix: '00', trunkPrefix: '' },
      ambienceOf: (campaign) =>
        campaign === 'wideband'
          ? { id: 'wide', clip: 'wide', durationMs: 60_000, codecs: ['G722'] }
          : { id: 'office', clip: 'office', durationMs: 60_000, codecs: ['PCMA', 'PCMU'] },
      warnAgent: 'brusio.test',
      refuseUninformed: false,
      freeAgentsMaxAgeMs: 60_000,
    },
    campaignOfQueue: (source, queue) => (source === 'pbx' && queue === 'sales' ? 'luce' : null),
    random: seededRandom(2),
    onFatal: (detail) => void trace.push(`fatal ${detail}`),
    onEvent: (event) => {
      if (event.type === 'call.outcome_corrected') trace.push(`corrected to ${event.data.class}`);
    },
  };
}
