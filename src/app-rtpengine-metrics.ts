/** What the relay by rtpengine has to say to `GET /metrics`. */
import { counter, gauge, labelled, type Metric, one } from './http/metrics.ts';
import type { InstanceStatus } from './media/rtpengine/instance.ts';
import type { RtpengineStatus } from './media/rtpengine/rtpengine-plane.ts';

/** Every number of it at one moment. */
export function rtpengineMetrics(status: RtpengineStatus): Metric[] {
  const samples = (read: (instance: InstanceStatus) => number) =>
    status.instances.map((instance) => ({ value: read(instance), labels: { instance: instance.name } }));
  const total = (name: string, help: string, read: (instance: InstanceStatus) => number) =>
    counter(`brusio_rtpengine_${name}_total`, help, samples(read));
  return [
    gauge(
      'brusio_rtpengine_up',
      '1 while an rtpengine answers.',
      samples(({ up }) => (up ? 1 : 0)),
    ),
    gauge(
      'brusio_rtpengine_calls_live',
      'Calls whose ports an rtpengine has.',
      samples(({ callsLive }) => callsLive),
    ),
    total('calls_lost', 'Calls ended since their rtpengine was silent or knew them no more.', (one) => one.callsLost),
    total('requests', 'Requests sent to an rtpengine.', (one) => one.requests),
    total('resent', 'Times a request was sent again.', (one) => one.resent),
    total('unanswered', 'Requests that ended without an answer.', (one) => one.unanswered),
    total('refused', 'Requests that an rtpengine refused.', (one) => one.refused),
    total('unexpected', 'Answers that were late or came twice.', (one) => one.unexpected),
    total('malformed', 'What came from an rtpengine and was no answer.', (one) => one.malformed),
    counter(
      'brusio_rtpengine_calls_refused_total',
      'Calls refused since no rtpengine took them.',
      one(status.callsRefused),
    ),
    counter(
      'brusio_rtpengine_calls_embedded_total',
      "Calls on Brusio's own ports since no rtpengine took them.",
      one(status.callsEmbedded),
    ),
    counter(
      'brusio_rtpengine_coupled_total',
      'Times two peers were coupled at an rtpengine, without Brusio between them.',
      one(status.coupled),
    ),
    counter(
      'brusio_rtpengine_kept_through_total',
      'Times bridged peers could not be coupled, by reason: Brusio stays between them.',
      labelled('reason', status.keptThrough),
    ),
  ];
}
