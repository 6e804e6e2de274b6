/**
 * The composition root: the only file that knows every folder. `createGuard` is both what the daemon runs and what the
 * npm package exports for an existing drachtio application.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { familyProblems } from './app-addresses.ts';
import { agentSources, campaignOfQueue } from './app-agents.ts';
import { ambiencePlan } from './app-ambience.ts';
import { announcementPlan } from './app-announcements.ts';
import { campaignBook, campaignPolicies, campaignWatch } from './app-campaigns.ts';
import { lookAtClock } from './app-clock.ts';
import { connectRules } from './app-connect.ts';
import { engineOptions } from './app-engine.ts';
import { guardRules } from './app-guard-rules.ts';
import { createLive } from './app-live.ts';
import { collectMetrics } from './app-metrics.ts';
import { type InstallationReports, installationReports } from './app-reports.ts';
import { rtpengineOf } from './app-rtpengine.ts';
import { installationRules } from './app-rulings.ts';
import { screeningOf } from './app-screening.ts';
import { allowedSources, carrierProfiles, carrierTerms, dialerProfiles, dialerRules } from './app-trunks.ts';
import { brusioVersion } from './app-version.ts';
import { systemClock } from './base/clock.ts';
import { AppError, describeError } from './base/errors.ts';
import type { Logger } from './base/log.ts';
import { randomOctets, seededRandom } from './base/random.ts';
import type { Result } from './base/result.ts';
import { type ThreadWatch, watchThread } from './base/thread-load.ts';
import { apiKeysOf } from './config/api-key.ts';
import { campaignJurisdictions, homeJurisdiction, jurisdictionsInUse } from './config/campaign-jurisdictions.ts';
import { checkSettings, type SettingsProblem } from './config/load-settings.ts';
import { mediaWorkers } from './config/media-settings.ts';
import { numberKeysOf } from './config/number-key.ts';
import { numberKeyPath } from './config/privacy-settings.ts';
import { mediaAddresses, mediaFamilies } from './config/rtp-settings.ts';
import { type Settings, type SettingsInput, socketAddressOf } from './config/settings.ts';
import { createCarrierPool } from './guard/carrier-pool.ts';
import { createClockWatch } from './guard/clock-watch.ts';
import { alertEvent, type GuardEvent } from './guard/event-port.ts';
import { createGuardCore, type Guard } from './guard/guard.ts';
import type { CallView } from './guard/guard-view.ts';
import { createLedgerKeeper } from './guard/ledger-keeper.ts';
import { createNumberDesk } from './guard/number-desk.ts';
import { createOptOutDesk } from './guard/opt-out-desk.ts';
import { createRetention } from './guard/retention.ts';
import { createRulingDesk } from './guard/ruling-desk.ts';
import type { OutcomeWebhooks } from './guard/store-port.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import type { Json } from './ledger/ledger-entry.ts';
import { createMediaPlane } from './media/media-plane.ts';
import type { CorrectedOutcome } from './policy/outcome-correction.ts';
import type { OutcomeRecord } from './policy/outcome-record.ts';
import { createSrf, type Srf } from './signaling/drachtio-srf.ts';
import { createSignaling } from './signaling/signaling.ts';
import { createSourceList } from './signaling/source-list.ts';
import { type Engine, startEngine } from './sip/engine-thread.ts';
import { databasePlace } from './store/database-place.ts';
import { createRulings } from './store/rulings/rulings.ts';
import { createDatabaseStore } from './store/store.ts';
import { createWebhookDispatcher } from './webhook/dispatcher.ts';
import { correctionWebhooks, outcomeWebhooks } from './webhook/event.ts';

export type { CallView, CorrectedOutcome, Logger, OutcomeRecord, Settings, SettingsInput };
export { AppError };

/** How a guard is made. */
export type BrusioOptions = {
  /** As in the settings file; whatever is left out has its default. */
  readonly settings?: SettingsInput | Settings;
  /**
   * A connected drachtio-srf `Srf` of yours: Brusio takes its INVITEs and brings no engine of its own. Without it, the
   * settings' `control` section decides.
   */
  readonly srf?: unknown;
  /** A pino logger, or anything with its methods; default: pino on standard output at `log.level`. */
  readonly log?: Logger;
  /** The embedded engine or the media thread died while running; default: the error is logged. */
  readonly onFatal?: (error: AppError) => void;
};

/** A guard. */
export type Brusio = {
  /** Rejects with AppError: a port is taken, the data folder cannot be written, no drachtio-server answers … */
  start(): Promise<void>;
  /** Takes no more calls, lets live ones go on for `drainMs` (default: `limits.drainMs`), ends all, closes all. */
  stop(drainMs?: number): Promise<void>;
  /** Reads the TLS certificates again, as happens by itself when their files change. */
  reload(): void;
  /** Where it listens once started: SIP as `udp/host:port`, `tcp/…`, `tls/…` (null when not the embedded engine), HTTP as address and port. */
  addresses(): {
    readonly sip: readonly string[] | null;
    readonly http: { readonly address: string; readonly port: number };
  };
  /** The file with the generated API key; null when the settings name keys. */
  apiKeyPath(): string | null;
  /** Every outcome after its commit. */
  onOutcome(listener: (record: OutcomeRecord) => void): void;
  /** Every correction of an outcome by a disposition that came after its call's end, after its commit. */
  onOutcomeCorrected(listener: (outcome: CorrectedOutcome) => void): void;
  liveCalls(): readonly CallView[];
};

const USER_AGENT = 'Brusio';

/** Settings as JSON, as which they were read. */
function plain(section: unknown): Json {
  return JSON.parse(JSON.stringify(section)) as Json;
}

/** Puts a guard together; nothing starts before `start`. Throws AppError `config.invalid` with every problem. */
export function createGuard(options: BrusioOptions = {}): Brusio {
  const settings = completeSettings(options.settings ?? {});
  // Another application's engine has listeners of its own.
  if (options.srf === undefined) refuseIfAny(familyProblems(settings));
  const ambiences = knownOr(ambiencePlan(settings));
  const log: Logger = options.log ?? pino({ level: settings.log.level, base: { name: 'brusio' } });
  const clock = systemClock;
  const outcomeListeners: ((record: OutcomeRecord) => void)[] = [];
  const correctionListeners: ((outcome: CorrectedOutcome) => void)[] = [];
  const dataDir = settings.data.dir;
  let numberKeyIds: readonly string[] = [];
  const jurisdictionOf = campaignJurisdictions(settings);
  const home = homeJurisdiction(settings);
  const announcements = knownOr(announcementPlan(settings, jurisdictionOf));

  const place = databasePlace({ ...settings.database, dataDir });
  const store = createDatabaseStore({
    place,
    watch: campaignWatch(settings),
    onAlert: (alert) => live.tell(alertEvent(alert, clock.now().wallMs)),
    log,
    clock,
    numberKeyIds: () => numberKeyIds,
  });
  const keeper = createLedgerKeeper({
    ...{ store, clock, log, timeZone: home.timeZone },
    program: { version: brusioVersion(), process: settings.database.process, node: process.versions.node },
    settings: { policy: plain(settings.policy), campaigns: plain(settings.campaigns) },
    policies: campaignPolicies(settings),
  });
  const rulings = createRulings({
    place,
    policies: jurisdictionsInUse(settings).map(({ policy }) => policy),
    log,
    clock,
  });
  const retention = createRetention({ store, periods: settings.retention, clock, log });
  const embedded = createMediaPlane(
    {
      addresses: mediaAddresses(settings.rtp),
      portMin: settings.rtp.portMin,
      portMax: settings.rtp.portMax,
      clips: [...ambiences.sources, ...announcements.sources],
      workers: mediaWorkers(settings.media.workers),
      native: settings.media.native,
      silence: settings.media.silence,
      voiceActivity: settings.media.voiceActivity,
    },
    log,
  );
  const rtpengine = rtpengineOf(settings, embedded, log);
  const media = rtpengine ?? embedded;
  const dispatcher = createWebhookDispatcher({
    outbox: store,
    endpoints: settings.webhooks,
    clock,
    log,
    random: seededRandom(randomOctets(4).readUInt32BE()),
  });
  const clockWatch = createClockWatch(clock, lookAtClock);
  const carriers = createCarrierPool(carrierTerms(settings), clock, seededRandom(randomOctets(4).readUInt32BE()), log);
  const webhooks: OutcomeWebhooks = outcomeWebhooks(settings.webhooks);

  let engine: Engine | null = null;
  let reports: InstallationReports | null = null;
  let guard: Guard | null = null;
  let http: HttpServer | null = null;
  let watch: ThreadWatch | null = null;
  let httpAddress = socketAddressOf(settings.http.listen);
  let apiKeyPath: string | null = null;
  const live = createLive({
    ...{ clock, media, store, dispatcher },
    guard: () => guard,
    callsMax: settings.limits.callsMax,
    version: brusioVersion(),
  });

  return {
    async start() {
      const control = options.srf === undefined ? await controlOf(settings) : null;
      const keys = numberKeysOf(numberKeyPath(settings), clock.now().wallMs);
      numberKeyIds = keys.map(({ id }) => id);
      const { termsOf, digestsOf, numbers } = installationRules(settings, home, keys);
      guard = createGuardCore({
        rulings: createRulingDesk({ rulings, log, termsOf, digestsOf }),
        ...{ ownerOf: termsOf, digestsOf },
        clock,
        log,
        media,
        clockWatch,
        store,
        signaling: createSignaling({
          srf: (options.srf as Srf | undefined) ?? createSrf(),
          control,
          connectTimeoutMs: settings.control.connectTimeoutMs,
          headerNames: settings.headers,
          carriers: carrierProfiles(settings),
          sourceList: createSourceList(dialerProfiles(settings), settings.carriers),
          realm: settings.dialers.realm,
          numberPlan: settings.numbers,
          mediaFamilies: mediaFamilies(settings.rtp),
          carrierReports: carriers,
          intervals: settings.sessionTimers,
          transfersPass: settings.transfer === 'pass',
          userAgent: USER_AGENT,
          clock,
          random: seededRandom(randomOctets(4).readUInt32BE()),
          log,
        }),
        outcomeWebhooks: webhooks,
        correctionWebhooks: correctionWebhooks(settings.webhooks),
        jurisdictionOf,
        agentSources: agentSources(settings, clock, log),
        campaignOfQueue: campaignOfQueue(settings),
        rules: guardRules(settings, {
          ...{ carriers, ambienceOf: ambiences.of, announcementOf: announcements.of },
          connectOf: connectRules(settings, announcements.of),
          ...dialerRules(settings),
        }),
        random: seededRandom(randomOctets(4).readUInt32BE()),
        onFatal: (detail) => options.onFatal?.(new AppError('media.thread-died', detail)),
        onEvent: tell,
      });
      const running = guard;
      clockWatch.start();
      reports = installationReports(settings, brusioVersion(), place, clock, log);
      keeper.begin(reports.key);
      await running.start();
      await keeper.start();
      dispatcher.start();
      retention.start();
      reports.start();
      const watching = watchThread(clock);
      watch = watching;
      const key = apiKeysOf(settings.http.apiKeys, join(dataDir, 'api-key'));
      apiKeyPath = key.path;
      http = createHttpServer({
        listen: socketAddressOf(settings.http.listen),
        apiKeys: key.keys,
        guard: running,
        store,
        campaigns: campaignBook(settings, store),
        numbers: createNumberDesk(store, numbers.digests, numbers.plan),
        optOuts: createOptOutDesk({
          ...{ store, digests: numbers.digests, plan: numbers.plan, source: 'http' },
          liveCall: (ref) => running.liveCall(ref),
          isWhole: settings.policy.lockScope === 'installation',
        }),
        reports: reports.reports,
        screening: { screening: screeningOf(settings, place, keys), jurisdiction: home, clock },
        metrics: () =>
          collectMetrics({
            guard: running,
            engine,
            media: embedded,
            rtpengine,
            store,
            dispatcher,
            live,
            watch: watching,
          }),
        live,
        version: brusioVersion(),
        log,
      });
      httpAddress = await http.start();
    },
    async stop(drainMs = settings.limits.drainMs) {
      await guard?.drain(drainMs);
      // The last outcomes are told by the process that made them, not by one that may never come.
      if (guard !== null) await dispatcher.flush();
      await keeper.stop();
      // Each part stops whatever the others do: a start that failed half-way must leave nothing running.
      watch?.stop();
      clockWatch.stop();
      retention.stop();
      reports?.stop();
      const parts = [http, dispatcher, guard, engine];
      for (const part of parts) {
        try {
          await part?.stop();
        } catch (thrown) {
          log.warn({ problem: describeError(thrown) }, 'a part did not stop cleanly');
        }
      }
    },
    reload: () => engine?.reload(),
    addresses: () => ({ sip: engine?.listening ?? null, http: httpAddress }),
    apiKeyPath: () => apiKeyPath,
    onOutcome: (listener) => void outcomeListeners.push(listener),
    onOutcomeCorrected: (listener) => void correctionListeners.push(listener),
    liveCalls: () => guard?.liveCalls() ?? [],
  };

  function tell(event: GuardEvent): void {
    live.tell(event);
    if (event.type === 'call.outcome') for (const listener of outcomeListeners) listener(event.data);
    if (event.type === 'call.outcome_corrected') for (const listener of correctionListeners) listener(event.data);
  }

  async function controlOf(all: Settings): Promise<{ host: string; port: number; secret: string }> {
    if (all.control.drachtio !== null) {
      const { address, port } = socketAddressOf(all.control.drachtio);
      return { host: address, port, secret: all.control.secret };
    }
    engine = await startEngine(
      engineOptions(all, { userAgent: USER_AGENT, allowedSources: allowedSources(all) }),
      (report) => log.error({ report }, 'the SIP engine contained a bug of ours'),
      (level, message) => log[level]({ message }, 'the SIP engine'),
    );
    engine.onFailure((error) => {
      log.error({ problem: error.message }, 'the SIP engine has stopped');
      options.onFatal?.(error);
    });
    return { host: engine.controlHost, port: engine.controlPort, secret: engine.secret };
  }
}

function completeSettings(input: SettingsInput | Settings): Settings {
  const checked = checkSettings(input);
  if (!checked.ok) throw invalid(checked.problem);
  return checked.value;
}

function knownOr<T>(plan: Result<T, readonly SettingsProblem[]>): T {
  if (!plan.ok) throw invalid(plan.problem);
  return plan.value;
}

function refuseIfAny(problems: readonly SettingsProblem[]): void {
  if (problems.length > 0) throw invalid(problems);
}

function invalid(problems: readonly SettingsProblem[]): AppError {
  const told = problems.map(({ path, message }) => `${path}: ${message}`);
  return new AppError('config.invalid', `settings: ${told.join('; ')}`);
}
