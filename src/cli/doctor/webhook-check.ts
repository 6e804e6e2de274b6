/** Whether the places where webhooks go can be reached. Nothing is posted: they would take it for an outcome. */
import { describeError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type Finding, good, problem, warning } from './finding.ts';

/** As long as a delivery may take. */
const ANSWER_MS_MAX = 10_000;

/** One finding for each endpoint. */
export function webhookFindings({ webhooks }: Settings): Promise<readonly Finding[]> {
  if (webhooks.length === 0) {
    const remedy = 'name an endpoint in webhooks, so that the dialer learns what became of its calls';
    return Promise.resolve([warning('webhooks', 'none: outcomes stay in the database and the API', remedy)]);
  }
  return Promise.all(webhooks.map(({ name, url }) => endpointFinding(`webhook ${name}`, url)));
}

async function endpointFinding(what: string, url: string): Promise<Finding> {
  try {
    // A redirect is no delivery, so none is followed.
    const { status } = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (status >= 500)
      return problem(what, `${url} answers ${status}`, 'look at that server: outcomes are kept and sent again');
    if (status >= 300 && status < 400) {
      return problem(
        what,
        `${url} answers ${status}, a redirect`,
        'name the address it leads to: redirects are not followed',
      );
    }
    return good(what, `${url} answers (${status} to HEAD; nothing was posted)`);
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    return problem(what, `${url}: ${describeError(cause)}`, 'check address, port, firewall and certificate');
  }
}
