/** Brusio's HTTP API as a dialer's integration would use it. */

/** An answer: its status and its body, parsed when it is JSON. */
export type ApiAnswer = { readonly status: number; readonly body: unknown };

/** A client with one API key. */
export class BrusioApi {
  readonly #baseUrl: string;
  readonly #apiKey: string;

  constructor(baseUrl: string, apiKey: string) {
    this.#baseUrl = baseUrl;
    this.#apiKey = apiKey;
  }

  /** `POST /v1/calls/{id}/agent`; the id is Brusio's or the dialer leg's Call-ID. */
  agentConnected(callRef: string, agent: string): Promise<ApiAnswer> {
    return this.#fetch(`/v1/calls/${encodeURIComponent(callRef)}/agent`, { agent, state: 'connected' });
  }

  /** `POST /v1/calls/{id}/disposition`. */
  disposition(callRef: string, found: { readonly answeredBy: string; readonly method?: string }): Promise<ApiAnswer> {
    return this.#fetch(`/v1/calls/${encodeURIComponent(callRef)}/disposition`, found);
  }

  /** `GET /v1/calls/{id}`. */
  call(callRef: string): Promise<ApiAnswer> {
    return this.#fetch(`/v1/calls/${encodeURIComponent(callRef)}`);
  }

  /** `GET /v1/calls`: what lives. */
  liveCalls(): Promise<ApiAnswer> {
    return this.#fetch('/v1/calls');
  }

  /** `GET /healthz`, whose status is 200 while calls are taken. */
  async health(): Promise<number> {
    return (await this.healthz()).status;
  }

  /** `GET /healthz`, with the carriers in its body. */
  healthz(): Promise<ApiAnswer> {
    return this.#fetch('/healthz');
  }

  /** `GET /metrics`, in the Prometheus text format. */
  async metrics(): Promise<string> {
    return String((await this.#fetch('/metrics')).body);
  }

  async #fetch(path: string, body?: object): Promise<ApiAnswer> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  }
}

/** The sum of all samples of the metrics whose line fits, such as `/^brusio_sip_dropped/`. */
export function metricSum(exposition: string, line: RegExp): number {
  return exposition
    .split('\n')
    .filter((one) => !one.startsWith('#') && line.test(one))
    .reduce((sum, one) => sum + Number(one.slice(one.lastIndexOf(' ') + 1)), 0);
}
