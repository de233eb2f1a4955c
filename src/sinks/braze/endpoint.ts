import { suggest } from '../../core/suggest.ts';
import { originOf } from '../http/origin.ts';
import { instances } from './instances.ts';

/**
 * The origin that requests go to, such as `https://rest.iad-01.braze.com`, for an endpoint as a person writes it:
 * an instance's name, any https URL without path or query, or plain http on loopback. Otherwise what is wrong with it,
 * in words that never repeat it.
 */
export function resolveEndpoint(endpoint: string): { readonly origin: string } | { readonly fault: string } {
  const host = instances.get(endpoint);
  if (host !== undefined) return { origin: `https://${host}` };
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:\/\//i.test(endpoint)) return { fault: faultOfName(endpoint) };
  return originOf(url);
}

function faultOfName(endpoint: string): string {
  if (endpoint.includes('.') && !endpoint.includes('://')) return 'has no scheme; write https:// before the host';
  const nearest = suggest(endpoint, instances.keys());
  return (
    (nearest === undefined
      ? 'is neither a URL nor a Braze instance.'
      : `is no Braze instance; did you mean \`${nearest}\`?`) +
    ` Write https://<REST host>, or one of ${[...instances.keys()].join(', ')}`
  );
}
