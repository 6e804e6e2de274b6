import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CorrectedOutcome } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { correctionWebhooks, outcomeWebhooks } from './event.ts';

const callId = '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' as CallId;
const record = { callId, sequence: 4, campaign: 'perché no', class: 'A' } as unknown as OutcomeRecord;
const at = Date.UTC(2026, 10, 20, 9, 15, 7, 214) as WallMs;

describe("an outcome's webhooks", () => {
  it('are one row per endpoint, with the body exactly as it will be sent', () => {
    const rows = outcomeWebhooks([{ name: 'crm' }, { name: 'audit' }])(record, callId, at);
    expect(rows.map((row) => row.endpoint)).toEqual(['crm', 'audit']);
    for (const row of rows) {
      expect(row).toMatchObject({ callId, type: 'call.outcome' });
      expect(row.body).toBe(
        `{"type":"call.outcome","timestamp":"2026-11-20T09:15:07.214Z","data":${JSON.stringify(record)}}`,
      );
    }
  });

  it('have ids of their own that stay the same when the event is told again', () => {
    const tell = outcomeWebhooks([{ name: 'crm' }, { name: 'audit' }]);
    const [crm, audit] = tell(record, callId, at);
    expect(crm?.id).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(crm?.id).not.toBe(audit?.id);
    expect(tell(record, callId, (at + 1) as WallMs)[0]?.id).toBe(crm?.id);
    expect(tell({ ...record, sequence: 5 }, callId, at)[0]?.id).not.toBe(crm?.id);
  });

  it('are told of a correction under another type and another id, the same for the same correction', () => {
    const corrected = { ...record, sequence: 5, corrections: [] } as CorrectedOutcome;
    const [row] = correctionWebhooks([{ name: 'crm' }])(corrected, callId, at);
    expect(row).toMatchObject({ callId, type: 'call.outcome_corrected', endpoint: 'crm' });
    expect(JSON.parse(row?.body ?? '')).toEqual({
      type: 'call.outcome_corrected',
      timestamp: '2026-11-20T09:15:07.214Z',
      data: corrected,
    });
    const [outcome] = outcomeWebhooks([{ name: 'crm' }])(record, callId, at);
    expect(row?.id).not.toBe(outcome?.id);
    expect(correctionWebhooks([{ name: 'crm' }])(corrected, callId, (at + 1) as WallMs)[0]?.id).toBe(row?.id);
  });

  it('are none without endpoints', () => {
    expect(outcomeWebhooks([])(record, callId, at)).toEqual([]);
  });
});
