/**
 * The origin of a URL as a person writes it, such as `https://rest.iad-01.braze.com`: any https URL without path or
 * query, or plain http on loopback. Otherwise what is wrong with it, in words that never repeat it.
 */
export function originOf(url: URL): { readonly origin: string } | { readonly fault: string } {
  const fault = faultOf(url);
  return fault === undefined ? { origin: url.origin } : { fault };
}

function faultOf(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'holds a user or password; the key belongs in apiKey';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return 'has more than a scheme and a host; leave the path and the query out';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'would send the key unencrypted; write https (http is for loopback alone)';
  return undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
