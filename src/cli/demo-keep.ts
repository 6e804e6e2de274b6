import { ANSWERS, type CalleeBehaviour } from '../peers/callee-behaviour.ts';
import { DEMO_SCENARIOS } from './demo-scenarios.ts';

/** Where a demo that keeps running can be reached. */
export type DemoAddresses = {
  readonly sip: string;
  readonly http: string;
  readonly apiKey: string;
};

/**
 * The dashboard, with the key behind a #, which a browser keeps to itself. A key in an address may stay in a browser's history:
 * the demo's is worth nothing there, being made anew for each run, on loopback, and shown right above.
 */
export function dashboardAddress(http: string, apiKey: string): string {
  return `${http}/#key=${apiKey}`;
}

/** How to place a first call of one's own: complete commands, for this very process. */
export function firstCallText({ sip, http, apiKey }: DemoAddresses): string {
  const authorization = `-H 'Authorization: Bearer ${apiKey}'`;
  const numbers = DEMO_SCENARIOS.filter(({ callee }) => callee !== ANSWERS).map(
    ({ number, callee }) => `  ${number}  ${behaviourText(callee)}`,
  );
  return `
Brusio, its carrier and its webhook listener keep running until Ctrl-C.

  SIP       ${sip} (UDP)
  HTTP      ${http}
  API key   ${apiKey}
  Dashboard ${dashboardAddress(http, apiKey)}

Place a call with SIPp (apt install sip-tester): answered, and hung up after 1.5 s, so class A:
  sipp -sn uac ${sip} -i 127.0.0.1 -s +390612345678 -d 1500 -m 1

Let a call wait in one terminal …
  sipp -sn uac ${sip} -i 127.0.0.1 -s +390612345678 -d 20000 -m 1 -cid_str first-call-%u
… and bring it an agent from another one before Brusio drops it at 3.000 s, so class B:
  curl -X POST ${authorization} -H 'Content-Type: application/json' \\
    -d '{"agent":"1001","state":"connected"}' ${http}/v1/calls/first-call-1/agent

Every number answers, but for these (SIPp calls it a failure when nobody answers, or when it is hung up on):
${numbers.join('\n')}

Outcomes from now on:
`;
}

function behaviourText(callee: CalleeBehaviour): string {
  switch (callee.kind) {
    case 'refuses':
      return `is refused with ${callee.status}`;
    case 'never-answers':
      return 'rings and is not answered';
    case 'answers-upon-cancel':
      return 'rings, and answers in the moment of a CANCEL';
    case 'answers':
      if (callee.earlyMediaMs !== undefined) return 'answers after a ringing tone in early media (183)';
      return `answers and hangs up after ${(callee.hangUpAfterMs ?? 0) / 1000} s`;
  }
}
